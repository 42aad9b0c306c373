using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Interruptions;

/// <summary>A run whose process ends in the middle goes on in another one.</summary>
public sealed class ResumeTests(SharedMongo mongo) : GatedWorkplace
{
    [Theory]
    [InlineData("KILL", 137, false)]
    [InlineData("INT", 130, false)]
    [InlineData("TERM", 130, false)]
    [InlineData("KILL", 137, true)]
    [InlineData("INT", 130, true)]
    public async Task A_run_goes_on_where_its_process_ended_and_what_succeeded_is_not_run_again(string signal, int exitCode, bool onMongoDb)
    {
        var database = onMongoDb ? mongo.Server.NewDatabase() : null;
        var data = PathOf("data of run");
        string id;
        await using (var host = HostProcess.Start(Folder, Environment(database), "run", WriteWorkflow(), "--data-dir", data, "--get", "out/done.txt=done.txt"))
        {
            id = (await host.WaitForLineAsync("run ")).Split(' ')[1];
            await WaitForCallAsync("second");

            var listed = await RunOnAsync(database, "runs", "list", "--data-dir", data, "--json");
            Assert.Equal((id, "running"), Single(listed));
            var shown = (await RunOnAsync(database, "runs", "show", id[..23], "--data-dir", data, "--json")).MustExitWith(0).Json();
            Assert.Equal("running", shown.GetProperty("status").GetString());
            Assert.True(Action(shown, "first").GetProperty("success").GetBoolean());

            host.Signal(signal);
            var ended = await host.WaitAsync();
            Assert.Equal(exitCode, ended.ExitCode);
            if (signal != "KILL")
                Assert.Contains($"runs resume {id} --data-dir '{data}'", ended.Output, StringComparison.Ordinal);
        }
        Assert.Equal((id, "interrupted"), Single(await RunOnAsync(database, "runs", "list", "--data-dir", data, "--json")));
        Write("gate", "");

        var resumed = (await RunOnAsync(database, "runs", "resume", id, "--data-dir", data, "--json")).MustExitWith(0);

        var report = resumed.Json();
        Assert.Equal((id, "completed"), (report.GetProperty("orchId").GetString(), report.GetProperty("status").GetString()));
        Assert.Equal("through", report.GetProperty("output").GetString());
        Assert.Equal(4, Calls().Count(call => call == "first"));
        Assert.Equal(2, Calls().Count(call => call == "second"));
        Assert.Equal("done", await File.ReadAllTextAsync(PathOf("done.txt")));
        Assert.Equal((id, "completed"), Single(await RunOnAsync(database, "runs", "list", "--data-dir", data, "--json")));
    }

    [Fact]
    public async Task A_finished_run_is_not_run_again_and_an_unknown_one_is_told_with_recent_ones()
    {
        var id = (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

        var again = (await RunAsync("runs", "resume", id, "--json")).MustExitWith(0);
        Assert.Equal(id, again.Json().GetProperty("orchId").GetString());
        Assert.Contains("has ended already", again.Errors, StringComparison.Ordinal);

        var unknown = (await RunAsync("runs", "resume", "000000000000000000000000")).MustExitWith(2);
        Assert.Contains(id, unknown.Errors, StringComparison.Ordinal);

        var table = (await RunAsync("runs", "list")).MustExitWith(0);
        Assert.Contains(id, table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_not_moved_to_another_OpenWhisk()
    {
        string id;
        await using (var host = HostProcess.Start(Folder, "run", WriteWorkflow()))
        {
            id = (await host.WaitForLineAsync("run ")).Split(' ')[1];
            await WaitForCallAsync("second");
            host.Signal("KILL");
            await host.WaitAsync();
        }

        var result = (await RunAsync("runs", "resume", id, "--openwhisk", "http://127.0.0.1:9", "--auth", "a:b")).MustExitWith(2);

        Assert.Contains("was started on local", result.Errors, StringComparison.Ordinal);
    }

    private static (string?, string?) Single(HostResult list)
    {
        var run = Assert.Single(list.MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
        return (run.GetProperty("orchId").GetString(), run.GetProperty("status").GetString());
    }
}
