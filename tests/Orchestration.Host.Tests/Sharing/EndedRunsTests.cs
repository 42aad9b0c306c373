using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Sharing;

/// <summary>Retrying, closing and looking into runs that no process works on.</summary>
public sealed class EndedRunsTests : GatedWorkplace
{
    [Fact]
    public async Task A_failed_run_is_retried_after_its_action_was_mended_and_only_what_failed_runs_again()
    {
        var failed = (await RunAsync("run", WriteHalf(), "--json")).MustExitWith(1);
        var id = failed.Json().GetProperty("orchId").GetString()!;
        var wrong = (await RunAsync("runs", "retry", id, "--step", "nothere")).MustExitWith(1);
        Assert.Contains("has no step 'nothere' with actions; it has 'half'", wrong.Errors, StringComparison.Ordinal);
        Write("half.py", HalfAction.Replace("== \"bad\"", "== \"worse\"", StringComparison.Ordinal));

        var retried = (await RunAsync("runs", "retry", id[..23], "--step", "half", "--json")).MustExitWith(0).Json();

        Assert.Equal(("completed", 3), (retried.GetProperty("status").GetString(), retried.GetProperty("output").GetInt32()));
        Assert.Equal([1, 3, 1], Enumerable.Range(0, 3).Select(i => Attempts(Action(retried, "half", i)).Count));
        var listed = Assert.Single((await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
        Assert.Equal(("completed", 4, 0), (listed.GetProperty("status").GetString(), listed.GetProperty("succeeded").GetInt32(), listed.GetProperty("failed").GetInt32()));

        var logs = (await RunAsync("runs", "logs", id)).MustExitWith(0);
        Assert.Equal(3, logs.Output.Split('\n').Count(line => line.EndsWith("stdout: working on bad", StringComparison.Ordinal)));
        var action = Action(retried, "half", 2).GetProperty("actionId").GetString()!;
        var log = Assert.Single((await RunAsync("runs", "logs", id, action, "--json")).MustExitWith(0).Json().GetProperty("logs").EnumerateArray());
        Assert.Equal((action, 1), (log.GetProperty("actionId").GetString(), log.GetProperty("attempt").GetInt32()));
        Assert.Contains("working on three", log.GetProperty("lines")[0].GetString(), StringComparison.Ordinal);
        (await RunAsync("runs", "logs", id, "ffff")).MustExitWith(2);

        var nothing = (await RunAsync("runs", "retry", id)).MustExitWith(1);
        Assert.Contains("has failed", nothing.Errors, StringComparison.Ordinal);
        var over = (await RunAsync("runs", "cancel", id)).MustExitWith(1);
        Assert.Contains("has ended already, as completed", over.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_beside_a_running_process_goes_on_there()
    {
        var (owner, _) = await StartGatedAsync();
        await using var __ = owner;
        var failed = (await RunAsync("run", WriteHalf(), "--json")).MustExitWith(1);
        var id = failed.Json().GetProperty("orchId").GetString()!;
        Write("half.py", HalfAction.Replace("== \"bad\"", "== \"worse\"", StringComparison.Ordinal));

        var retried = (await RunAsync("runs", "retry", id, "--json")).MustExitWith(0);

        Assert.Contains($"goes on in process {owner.Id}", retried.Errors, StringComparison.Ordinal);
        Assert.Equal(3, retried.Json().GetProperty("output").GetInt32());
        Assert.Contains("working on bad", (await RunAsync("runs", "logs", id)).MustExitWith(0).Output, StringComparison.Ordinal);
        Open();
        (await owner.WaitAsync()).MustExitWith(0);
    }

    [Fact]
    public async Task Interrupted_runs_are_closed_without_running_anything_more()
    {
        var (first, abandoned) = await StartGatedAsync();
        await using (first)
        {
            var running = (await RunAsync("runs", "complete", abandoned)).MustExitWith(1);
            Assert.Contains($"goes on in process {first.Id}", running.Errors, StringComparison.Ordinal);
            first.Kill();
            await first.WaitAsync();
        }
        var retry = (await RunAsync("runs", "retry", abandoned)).MustExitWith(2);
        Assert.Contains($"runs resume {abandoned}", retry.Errors, StringComparison.Ordinal);
        Open();

        var completed = (await RunAsync("runs", "complete", abandoned[..23], "--json")).MustExitWith(0).Json();

        Assert.Equal(("completed", 4), (completed.GetProperty("status").GetString(), completed.GetProperty("actions").EnumerateArray().Count(a => a.GetProperty("success").ValueKind == System.Text.Json.JsonValueKind.True)));
        File.Delete(PathOf("gate"));
        var (second, unwanted) = await StartGatedAsync(times: 2);
        await using (second)
        {
            second.Kill();
            await second.WaitAsync();
        }
        Open();
        var cancelled = (await RunAsync("runs", "cancel", unwanted, "--json")).MustExitWith(0).Json();
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        Assert.Equal(2, Calls().Count(call => call == "second"));
    }

    private const string HalfAction = """
        def main(args):
            print("working on", args["item"])
            if args["item"] == "bad":
                return {"error": {"code": "Bad", "message": "no luck"}}
            return {"got": args["item"]}
        """;

    private string WriteHalf()
    {
        Write("half.py", HalfAction);
        Write("total.py", "def main(args):\n    return {\"count\": len(args[\"all\"])}\n");
        return Write("half.yaml", """
            name: half
            actions: { half: { file: half.py }, total: { file: total.py } }
            steps:
              - { id: half, action: half, foreach: [one, bad, three], with: { item: "${{ item }}" }, retry: { retries: 1, initial: 50ms } }
              - { id: total, action: total, with: { all: "${{ steps.half.result }}" } }
            output: "${{ steps.total.result.count }}"
            """);
    }
}
