using System.Net;
using System.Net.Sockets;
using Orchestration.LocalWhisk.Tests.Support;

namespace Orchestration.LocalWhisk.Tests;

/// <summary>What can be wrong at the start, and what the message says.</summary>
public sealed class StartTests
{
    private static async Task<string> ProblemAsync(LocalWhiskOptions options) =>
        (await Assert.ThrowsAsync<LocalWhiskException>(() => LocalWhiskServer.StartAsync(options))).Message;

    [Fact]
    public async Task A_port_in_use_is_named_with_the_remedy()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var directory = TestWhisk.NewDirectory();
        var problem = await ProblemAsync(TestWhisk.Options(directory) with { Port = port });
        Assert.Contains($"Port {port} ", problem, StringComparison.Ordinal);
        Assert.Contains("--port", problem, StringComparison.Ordinal);
        // And nothing is left that would be in the way of a second try.
        await using (await LocalWhiskServer.StartAsync(TestWhisk.Options(directory)))
        {
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_second_server_on_one_directory_is_refused()
    {
        await using var whisk = await TestWhisk.StartAsync();
        var problem = await ProblemAsync(TestWhisk.Options(whisk.Directory));
        Assert.Contains($"Another local OpenWhisk is using the data directory {whisk.Directory}", problem, StringComparison.Ordinal);
        Assert.Equal(200, (await whisk.GetAsync("/api/v1/namespaces")).Status);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_named_with_the_remedy()
    {
        var directory = TestWhisk.NewDirectory();
        var file = Path.Combine(directory, "file");
        await File.WriteAllTextAsync(file, "");
        foreach (var impossible in (string[])[file, Path.Combine(file, "below"), "/proc/local-openwhisk"])
        {
            var problem = await ProblemAsync(TestWhisk.Options(impossible));
            Assert.Contains($"The data directory {impossible} cannot be written to", problem, StringComparison.Ordinal);
            Assert.Contains("--data-dir", problem, StringComparison.Ordinal);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_very_long_directory_name_works()
    {
        var directory = TestWhisk.NewDirectory();
        await using (var whisk = await TestWhisk.StartAsync(o => o, Path.Combine(directory, new string('d', 120))))
        {
            await whisk.DeployAsync("echo", Sources.Echo);
            Assert.Equal(200, (await whisk.CallAsync("echo")).Status);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_are_refused()
    {
        var options = TestWhisk.Options("unused");
        Assert.Contains("UUID:KEY", await ProblemAsync(options with { Auth = "guest" }), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", await ProblemAsync(options with { Auth = "me:hunter2" }), StringComparison.Ordinal);
        Assert.Contains("'a$b'", await ProblemAsync(options with { Namespace = "a$b" }), StringComparison.Ordinal);
        Assert.Contains("70000", await ProblemAsync(options with { Port = 70_000 }), StringComparison.Ordinal);
        Assert.Contains("MaxProcesses", await ProblemAsync(options with { MaxProcesses = 0 }), StringComparison.Ordinal);
        Assert.Contains("data directory", await ProblemAsync(options with { DataDirectory = " " }), StringComparison.Ordinal);
        Assert.Contains("100 ms", await ProblemAsync(options with { DefaultTimeout = TimeSpan.FromMilliseconds(1) }), StringComparison.Ordinal);
        Assert.False(Directory.Exists("unused"));
    }

    [Fact]
    public async Task Own_credentials_and_namespace_are_what_counts()
    {
        var auth = LocalWhiskOptions.NewAuth();
        await using var whisk = await TestWhisk.StartAsync(o => o with { Auth = auth, Namespace = "mine" });
        Assert.Equal((auth, "mine"), (whisk.Server.Auth, whisk.Server.Namespace));
        Assert.Equal("""["mine"]""", (await whisk.GetAsync("/api/v1/namespaces")).Text);
        (await whisk.GetAsync("/api/v1/namespaces/guest/actions")).IsRefusal(403, "not authorized");
        using var guest = TestWhisk.Client(whisk.Server.BaseAddress, LocalWhiskOptions.GuestAuth);
        Assert.Equal(401, (int)(await guest.GetAsync("/api/v1/namespaces")).StatusCode);
        await whisk.DeployAsync("env", Sources.Environment);
        var env = (await whisk.CallAsync("env")).Json.GetProperty("response").GetProperty("result").GetProperty("env");
        Assert.Equal("/mine/env", env.GetProperty("__OW_ACTION_NAME").GetString());
    }

    [Fact]
    public async Task Disposing_twice_is_fine()
    {
        var whisk = await TestWhisk.StartAsync();
        await whisk.Server.DisposeAsync();
        await whisk.DisposeAsync();
        Assert.False(Directory.Exists(whisk.Directory));
    }
}
