using System.Net;
using System.Net.Sockets;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary>What cannot be done is refused with one message that names cause, value and remedy.</summary>
public sealed class RefusalTests : Workplace
{
    public static TheoryData<string, string, string[]> Workflows => new()
    {
        {
            "unknown step in needs",
            """
            name: wrong
            steps:
              - { id: one, action: a, needs: [tow] }
              - { id: two, action: a }
            """,
            ["wrong.yaml:3:", "'tow'"]
        },
        {
            "cycle",
            """
            name: wrong
            steps:
              - { id: one, action: a, needs: [two] }
              - { id: two, action: a, needs: [one] }
            """,
            ["wrong.yaml:", "one", "two"]
        },
        {
            "bad expression",
            """
            name: wrong
            steps:
              - { id: one, action: a, with: { x: "${{ params.[ }}" } }
            """,
            ["wrong.yaml:3:"]
        },
        {
            "missing file of an action",
            """
            name: wrong
            actions: { a: { file: nothere.py } }
            steps:
              - { id: one, action: a }
            """,
            ["wrong.yaml:2:", "nothere.py"]
        },
        {
            "two mistakes",
            """
            name: wrong
            steps:
              - { id: one, acton: a }
              - { id: two, action: a, needs: [three] }
            """,
            ["wrong.yaml:3:", "wrong.yaml:4:"]
        },
    };

    public static TheoryData<string[], string> CommandLines => new()
    {
        { ["run", "nothere.yaml"], "nothere.yaml" },
        { ["run", "ok.yaml", "-p", "nonsense"], "'nonsense' is not of the form name=value" },
        { ["run", "ok.yaml", "-p", "unknown=1"], "'unknown'" },
        { ["run", "ok.yaml", "--put", "in/x=nothere.txt"], "there is no file" },
        { ["run", "ok.yaml", "--get", "x"], "'x' is not of the form bucket/key=FILE" },
        { ["run", "ok.yaml", "--max-in-flight", "0"], "--max-in-flight: '0' is not a number from 1 up" },
        { ["run", "ok.yaml", "--pool-size", "many"], "many" },
        { ["run", "ok.yaml", "--blocking-wait", "61s"], "--blocking-wait: '61s' is not a duration from 1ms to 60s" },
        { ["run", "ok.yaml", "--blocking-wait", "0"], "--blocking-wait: '0' is not a duration" },
        { ["run", "ok.yaml", "--openwhisk", "ftp://x"], "'ftp://x' is no OpenWhisk host" },
        { ["run", "ok.yaml", "--openwhisk", "http://127.0.0.1:9"], "There are no credentials" },
        { ["run", "ok.yaml", "--auth", "secretwithoutcolon"], "--auth: the credentials are not of the form UUID:KEY" },
        { ["run", "ok.yaml", "--object-store", "nonsense"], "'nonsense' is no object store" },
        { ["demo", "--resolution", "4k"], "4k" },
        { ["demo", "--input", "nothere.mp4"], "nothere.mp4" },
        { ["runs", "show", "123456"], "There is no run '123456'" },
        { ["runs", "resume", "not-an-id"], "There is no run 'not-an-id'" },
        { ["walk"], "walk" },
    };

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task A_workflow_with_mistakes_is_refused_before_anything_is_made(string _, string text, string[] expected)
    {
        Write("wrong.yaml", text);

        var result = (await RunAsync("run", "wrong.yaml", "--json")).MustExitWith(2);

        Assert.All(expected, part => Assert.Contains(part, result.Errors, StringComparison.Ordinal));
        Assert.Empty(result.Output);
        Assert.False(Directory.Exists(PathOf(".orchestration")));
    }

    [Theory]
    [MemberData(nameof(CommandLines))]
    public async Task A_command_line_that_cannot_be_used_is_refused(string[] arguments, string expected)
    {
        Write("ok.yaml", "name: ok\nsteps: [{ id: one, action: a }]\n");

        var result = (await RunAsync(arguments)).MustExitWith(2);

        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secretwithoutcolon", result.All, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Wrong_credentials_are_told_before_the_run_starts()
    {
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        const string wrong = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:wrongkey";

        var result = (await RunAsync("run", HelloWorkflow, "--openwhisk", whisk.Url(), "--auth", wrong)).MustExitWith(1);

        Assert.Contains(whisk.Url(), result.Errors, StringComparison.Ordinal);
        Assert.Contains("--auth", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("wrongkey", result.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_OpenWhisk_that_is_not_there_is_told_before_the_run_starts()
    {
        var result = (await RunAsync("run", HelloWorkflow, "--openwhisk", "http://127.0.0.1:9", "--auth", "a:b")).MustExitWith(1);

        Assert.Contains("http://127.0.0.1:9", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("run 6", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_told()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var result = (await RunAsync("dev", "--port", $"{port}")).MustExitWith(1);

        Assert.Contains($"Port {port} on 127.0.0.1 is in use", result.Errors, StringComparison.Ordinal);
        Assert.Contains("--port", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_told()
    {
        // Nobody can make a folder there, not even root.
        var result = (await RunAsync("run", HelloWorkflow, "--data-dir", "/proc/orchestration")).MustExitWith(1);

        Assert.Contains("/proc/orchestration", result.Errors, StringComparison.Ordinal);
        Assert.Contains("--data-dir", result.Errors, StringComparison.Ordinal);
    }
}
