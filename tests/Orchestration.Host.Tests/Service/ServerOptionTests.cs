using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Service;

/// <summary>The command line of another machine, which reaches a service through its API alone.</summary>
public sealed class ServerOptionTests : GatedWorkplace
{
    private string Elsewhere => Directory.CreateDirectory(PathOf("elsewhere")).FullName;

    [Fact]
    public async Task What_is_stored_looks_from_there_as_it_does_here()
    {
        await using var service = await StartAsync("admin");
        Write("failing.py", "def main(args):\n    return {'error': 'no luck'}\n");
        Write("failing.yaml", "name: failing\ndefaults: { retry: { retries: 0 } }\nactions: { failing: { file: failing.py } }\nsteps: [{ id: only, action: failing }]\n");
        var id = Id(await ThereAsync("run", HelloWorkflow, "--json"), 0);
        var failed = Id(await ThereAsync("run", PathOf("failing.yaml"), "--json"), 1);

        string[][] commands =
        [
            ["runs", "list", "--json"], ["runs", "list", "--status", "failed", "--json"], ["runs", "list", "--name", "hello", "--limit", "1", "-o", "yaml"], ["runs", "list", "--since", "1h", "--json"],
            ["runs", "show", id, "--json"], ["runs", "show", failed, "--actions"], ["runs", "show", id, "--objects"], ["runs", "dag", id], ["runs", "cost", id, "--json"], ["runs", "cost", "--name", "hello", "--json"],
            ["runs", "watch", failed, "--json"], ["runs", "logs", id, "--json"], ["runs", "resume", id, "--json"], ["predict", "actions", "hello", "--json"], ["predict", "backtest", "hello", "--json"], ["predict", "workflow", HelloWorkflow, "--json"],
        ];
        foreach (var command in commands)
        {
            var (here, there) = (await RunAsync(command), await ThereAsync(command));
            Assert.True(here.ExitCode == there.ExitCode, $"{string.Join(' ', command)}: {here.ExitCode} here, {there.ExitCode} there: {there.All}");
            // What a command suggests to do next finds the same storage again, so that differs.
            Assert.Equal(Comparable(here.Output), Comparable(there.Output));
        }
        (await ThereAsync("runs", "report", id, "-o", "page.html")).MustExitWith(0);
        Assert.Contains(id, await File.ReadAllTextAsync(Path.Combine(Elsewhere, "page.html")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Elsewhere, ".orchestration")));
    }

    [Fact]
    public async Task Runs_are_changed_from_there()
    {
        await using var service = await StartAsync("admin");
        WriteWorkflow();
        await using var watching = HostProcess.Start(Elsewhere, Settings, "run", PathOf("gated.yaml"), "-p", "gate=gate");
        var id = IdIn(await watching.WaitForLineAsync("run 6"));
        await WaitForCallAsync("second");
        // Who only looks may leave; the run goes on.
        watching.Signal("INT");
        Assert.Contains("goes on in the service http://127.0.0.1", (await watching.WaitAsync()).MustExitWith(130).Output, StringComparison.Ordinal);
        await using var again = HostProcess.Start(Elsewhere, Settings, "runs", "watch", id);
        await again.WaitForLineAsync("second: 1 action");
        (await ThereAsync("runs", "cancel", id[..20], "--reason", "from elsewhere")).MustExitWith(0);
        (await again.WaitAsync()).MustExitWith(1);
        Assert.Contains("from elsewhere", (await RunAsync("runs", "show", id)).MustExitWith(0).Output, StringComparison.Ordinal);

        Open();
        (await ThereAsync("runs", "retry", id)).MustExitWith(0);
        Assert.Contains("has ended already, as completed", (await ThereAsync("runs", "cancel", id)).MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.Contains("0 objects of 1 missing", (await ThereAsync("runs", "heal", id)).MustExitWith(0).Output, StringComparison.Ordinal);
        File.Delete(Path.Combine(PathOf(".orchestration"), "store", "out", "done.txt"));
        Assert.Contains("out/done.txt", (await ThereAsync("runs", "heal", id, "--plan")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("heal gated", (await ThereAsync("runs", "heal", id)).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(PathOf(".orchestration"), "store", "out", "done.txt")));
    }

    [Fact]
    public async Task Objects_are_copied_where_the_store_can_be_reached()
    {
        await using var service = await StartAsync("admin");
        Write("in.txt", "hello");
        (await ThereAsync("run", HelloWorkflow, "--put", $"in/a.txt={PathOf("in.txt")}", "--get", "in/a.txt=back.txt")).MustExitWith(0);
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(Elsewhere, "back.txt")));
    }

    [Fact]
    public async Task What_cannot_be_is_told_with_what_to_do()
    {
        await using var service = await StartAsync("read");
        Assert.Contains("has the scope read", (await ThereAsync("run", HelloWorkflow)).MustExitWith(1).Errors, StringComparison.Ordinal);
        var other = new Dictionary<string, string>(Settings) { ["Orchestration__Auth"] = "user:secret" };
        Assert.Contains("Leave it out, or name a service that has it", (await HostProcess.RunAsync(Elsewhere, other, "run", HelloWorkflow, "--openwhisk", "https://whisk.invalid")).MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.Contains("There is no run", (await ThereAsync("runs", "show", "abc")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("--take-over makes this process the owner", (await ThereAsync("runs", "resume", "abc", "--take-over")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("works on the storage itself", (await ThereAsync("runs", "prune", "--older-than", "1d")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("is no URL of a service", (await HostProcess.RunAsync(Elsewhere, "runs", "list", "--server", "ftp://x")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("ORCHESTRATION_API_KEY", (await HostProcess.RunAsync(Elsewhere, "runs", "list", "--server", "http://127.0.0.1:9")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("name two places", (await HostProcess.RunAsync(Elsewhere, Settings, "runs", "list", "--server", Settings["ORCHESTRATION_SERVER"], "--data-dir", "x")).MustExitWith(2).Errors, StringComparison.Ordinal);
        var wrong = new Dictionary<string, string>(Settings) { ["ORCHESTRATION_API_KEY"] = "orch_00000000_00" };
        Assert.Contains("missing, wrong or expired", (await HostProcess.RunAsync(Elsewhere, wrong, "runs", "list")).MustExitWith(1).Errors, StringComparison.Ordinal);
        var gone = new Dictionary<string, string>(Settings) { ["ORCHESTRATION_SERVER"] = "http://127.0.0.1:9" };
        Assert.Contains("does not answer", (await HostProcess.RunAsync(Elsewhere, gone, "runs", "list")).MustExitWith(1).Errors, StringComparison.Ordinal);
        var plain = new Dictionary<string, string>(Settings) { ["ORCHESTRATION_SERVER"] = "http://orchestration.invalid" };
        Assert.Contains("in plain text", (await HostProcess.RunAsync(Elsewhere, plain, "runs", "list")).MustExitWith(1).Errors, StringComparison.Ordinal);
        // A folder that is named means more than what the environment says.
        Assert.Contains("No such run", (await ThereAsync("runs", "list", "--data-dir", "x")).MustExitWith(0).Output, StringComparison.Ordinal);
        var shown = (await HostProcess.RunAsync(Elsewhere, Settings, "config", "show", "--json")).MustExitWith(0).Output;
        Assert.Contains("ORCHESTRATION_SERVER in the environment", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Settings["ORCHESTRATION_API_KEY"], shown, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Settings { get; } = [];

    private async Task<HostProcess> StartAsync(string scope)
    {
        Settings["ORCHESTRATION_API_KEY"] = await ServiceOfTest.AddKeyAsync(Folder, "elsewhere", scope);
        var service = await ServiceOfTest.StartAsync(Folder, "--listen", "127.0.0.1:0", "--behind-proxy");
        Settings["ORCHESTRATION_SERVER"] = (await service.AddressAsync()).AbsoluteUri;
        return service;
    }

    private Task<HostResult> ThereAsync(params string[] arguments) => HostProcess.RunAsync(Elsewhere, Settings, arguments);

    private static string Id(HostResult result, int exitCode) => result.MustExitWith(exitCode).Json().GetProperty("orchId").GetString()!;

    private string Comparable(string output) => string.Join('\n', output.Split('\n').Where(l => !l.Contains("runs ", StringComparison.Ordinal) && !l.Contains("No process works", StringComparison.Ordinal)))
        .Replace(PathOf(".orchestration"), "STORAGE", StringComparison.Ordinal).Replace(Settings["ORCHESTRATION_SERVER"].TrimEnd('/'), "STORAGE", StringComparison.Ordinal);
}
