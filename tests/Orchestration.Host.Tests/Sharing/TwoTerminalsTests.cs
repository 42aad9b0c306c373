using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Sharing;

/// <summary>Several processes on one data directory: one works on it, the others have their runs done there.</summary>
public sealed class TwoTerminalsTests : GatedWorkplace
{
    [Fact]
    public async Task A_run_beside_a_running_one_goes_on_in_its_process_which_stays_until_it_has_ended()
    {
        var (owner, own) = await StartGatedAsync();
        await using var _ = owner;
        var quick = (await RunAsync("run", HelloWorkflow, "-p", "input=Ada", "--json")).MustExitWith(0);
        Assert.Contains($"of process {owner.Id}", quick.Errors, StringComparison.Ordinal);
        Assert.Contains("Hello, Ada!", quick.Json().GetProperty("output").GetString(), StringComparison.Ordinal);

        var (other, id) = await StartGatedAsync("gate2", times: 2);
        await using var __ = other;
        Assert.Equal("running", await StatusAsync(id));
        Open();
        Assert.Contains(id, await owner.WaitForLineAsync("waiting for 1 run of other terminals"), StringComparison.Ordinal);
        Assert.Equal("completed", await StatusAsync(own));
        Open("gate2");

        Assert.Contains("output: through", (await other.WaitAsync()).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("output: through", (await owner.WaitAsync()).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(ApiFile));
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_run_to_the_other_process_where_it_can_be_watched_and_cancelled()
    {
        var (owner, _) = await StartGatedAsync();
        await using var __ = owner;
        var (other, id) = await StartGatedAsync("gate2", times: 2);
        await using (other)
        {
            other.Signal("INT");
            var detached = (await other.WaitAsync()).MustExitWith(130);
            Assert.Contains($"detached: run {id} goes on in process {owner.Id}", detached.Output, StringComparison.Ordinal);
            Assert.Contains($"runs watch {id}", detached.Output, StringComparison.Ordinal);
        }
        await using var watcher = HostProcess.Start(Folder, "runs", "watch", id[..23]);
        await watcher.WaitForLineAsync("second: 1 action");

        var cancelled = (await RunAsync("runs", "cancel", id, "--reason", "not wanted", "--json")).MustExitWith(0).Json();

        Assert.Equal(("cancelled", "not wanted"), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("error").GetProperty("message").GetString()));
        var watched = (await watcher.WaitAsync()).MustExitWith(1);
        Assert.Contains("first: done", watched.Output, StringComparison.Ordinal);
        Assert.Contains("not wanted", watched.Output, StringComparison.Ordinal);
        Assert.False(owner.HasEnded);
        Open();
        (await owner.WaitAsync()).MustExitWith(0);
        var replayed = (await RunAsync("runs", "watch", id)).MustExitWith(1);
        Assert.Contains("first: done", replayed.Output, StringComparison.Ordinal);
        var again = (await RunAsync("runs", "cancel", id[..23])).MustExitWith(0);
        Assert.Contains("cancelled", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task When_the_process_that_works_ends_the_other_is_told_and_its_run_goes_on_in_yet_another(string signal)
    {
        var (owner, own) = await StartGatedAsync();
        await using var _ = owner;
        var (other, id) = await StartGatedAsync("gate2", times: 2);
        await using var __ = other;

        owner.Signal(signal);
        var told = (await other.WaitAsync()).MustExitWith(1);
        Assert.Contains($"Process {owner.Id}, which worked on the runs, ", told.Errors, StringComparison.Ordinal);
        Assert.Contains($"runs resume {id}", told.Errors, StringComparison.Ordinal);
        await owner.WaitAsync();
        Assert.Equal("interrupted", await StatusAsync(id));
        var watched = (await RunAsync("runs", "watch", id)).MustExitWith(1);
        Assert.Contains($"No process works on the run {id}", watched.Errors, StringComparison.Ordinal);

        // What the killed process left of its API counts as none.
        var (next, _) = await StartGatedAsync("gate3", times: 3);
        await using var ___ = next;
        Open("gate2");
        var resumed = (await RunAsync("runs", "resume", id, "--json")).MustExitWith(0);
        Assert.Contains($"goes on in process {next.Id}", resumed.Errors, StringComparison.Ordinal);
        Assert.Equal(["interrupted", "success"], Attempts(Action(resumed.Json(), "second")).Select(a => a.GetProperty("outcome").GetString()));
        Assert.Equal(12, Calls().Count(call => call == "first"));
        Assert.Equal("interrupted", await StatusAsync(own));
        Open("gate3");
        (await next.WaitAsync()).MustExitWith(0);
    }

    [Fact]
    public async Task What_the_process_that_works_cannot_do_is_refused_with_what_to_do_instead()
    {
        var (owner, _) = await StartGatedAsync();
        await using var __ = owner;

        var elsewhere = (await RunAsync("run", HelloWorkflow, "--openwhisk", "http://127.0.0.1:9", "--auth", "a:b")).MustExitWith(1);
        Assert.Contains($"Process {owner.Id}, which works on", elsewhere.Errors, StringComparison.Ordinal);
        Assert.Contains("--openwhisk local", elsewhere.Errors, StringComparison.Ordinal);
        Assert.Contains("--data-dir", elsewhere.Errors, StringComparison.Ordinal);
        var store = (await RunAsync("run", HelloWorkflow, "--object-store", $"file:{PathOf("elsewhere")}")).MustExitWith(1);
        Assert.Contains("--object-store: process", store.Errors, StringComparison.Ordinal);
        Write("wrong.yaml", "name: wrong\nsecrets: [ONLY_HERE]\nsteps: [{ id: one, action: a, with: { x: \"${{ secrets.ONLY_HERE }}\" } }]\n");
        var secret = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["ONLY_HERE"] = "very-secret" }, "run", "wrong.yaml")).MustExitWith(2);
        Assert.Contains("ONLY_HERE", secret.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", secret.All, StringComparison.Ordinal);
        Assert.False(owner.HasEnded);
        Open();
        (await owner.WaitAsync()).MustExitWith(0);
    }

    private string ApiFile => Path.Combine(PathOf(".orchestration"), "api.json");

    private async Task<string?> StatusAsync(string id) =>
        (await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray().Single(r => r.GetProperty("orchId").GetString() == id).GetProperty("status").GetString();
}
