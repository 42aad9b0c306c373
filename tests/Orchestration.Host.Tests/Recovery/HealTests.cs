using System.Text.Json;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Recovery;

/// <summary><c>runs heal</c>: what it says, what it makes again, and why it cannot.</summary>
public sealed class HealTests : LosingWorkplace
{
    [Fact]
    public async Task What_is_missing_is_told_and_then_made_again_and_nothing_else()
    {
        var run = (await RunAsync("run", WriteLinks(("s0", "", "x", ""), ("s1", "x", "y", ""), ("s2", "y", "z", "")), "--json")).MustExitWith(0).Json();
        var id = run.GetProperty("orchId").GetString()!;
        Assert.Equal("0 objects of 3 missing", (await RunAsync("runs", "heal", id)).MustExitWith(0).Output.Trim());
        Lose("y", "z");

        var plan = (await RunAsync("runs", "heal", id[..23], "--plan")).MustExitWith(0).Output;
        Assert.Equal(
            ["2 objects of 3 missing", "", "Missing", "  b/y", "  b/z", "", "To run again, in this order", "  1  link {\"name\":\"s1\",\"in\":[\"x\"],\"out\":[\"y\"],\"gate\":\"…", "  2  link {\"name\":\"s2\",\"in\":[\"y\"],\"out\":[\"z\"],\"gate\":\"…  after 1"],
            plan.TrimEnd().Split('\n').Select(l => l.TrimEnd()));
        Assert.All(plan.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Single((await RunAsync("runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());
        Assert.Equal(3, Calls().Count);

        var one = (await RunAsync("runs", "heal", id, "b/y", "--json")).MustExitWith(0).Json();
        Assert.False(File.Exists(Path.Combine(Store, "z")));
        Assert.Equal("s1(s0())", Content("y"));
        Assert.Equal((1, 1), (one.GetProperty("totals").GetProperty("recoveries").GetInt32(), one.GetProperty("totals").GetProperty("recoveredObjects").GetInt32()));
        var cause = Attempts(Action(one, "recovery#1"))[0].GetProperty("cause");
        Assert.Equal("b/y", cause.GetProperty("recovers")[0].GetString());
        Assert.Equal(Action(one, "heal").GetProperty("actionId").GetString(), cause.GetProperty("for")[0].GetString());

        var rest = (await RunAsync("runs", "heal", id)).MustExitWith(0);
        Assert.Contains("recovery#1: 1 action runs again to make what is lost", rest.Output, StringComparison.Ordinal);
        Assert.Contains("1 lost object by 1 action that ran again", rest.Output, StringComparison.Ordinal);
        Assert.Equal("s2(s1(s0()))", Content("z"));
        Assert.Equal(["s0", "s1", "s2", "s1", "s2"], Calls());
        var nothing = (await RunAsync("runs", "heal", id, "--json")).MustExitWith(0).Json();
        Assert.Equal((3, 0, 0), (nothing.GetProperty("looked").GetInt32(), nothing.GetProperty("missing").GetArrayLength(), nothing.GetProperty("jobs").GetArrayLength()));
    }

    [Fact]
    public async Task Why_an_object_cannot_be_made_again_is_told_with_the_path_to_it()
    {
        Directory.CreateDirectory(Store);
        Write(".orchestration/store/b/given", "given");
        Write(".orchestration/store/b/p", "given");
        var workflow = WriteLinks(("s0", "given", "x", ""), ("s1", "x", "y", ""), ("c0", "p", "q", ""), ("c1", "q", "p", ""));
        var id = (await RunAsync("run", workflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

        Lose("y");
        Write("broken", "");
        await FailsAsync("PRODUCER_FAILED", "b/y ← link ← look: s1 is broken", [], id, "b/y");
        File.Delete(PathOf("broken"));

        Lose("x");
        await FailsAsync("RECOVERY_DEPTH", "b/x ← link: More than 1 producers", [("MaxDepth", "1")], id, "b/y", "--plan");
        await FailsAsync("RECOVERY_BUDGET", "b/y ← link ← look: This orchestration has used up its 1 re-runs", [("MaxJobs", "1")], id, "b/y");

        Lose("given");
        await FailsAsync("NO_PRODUCER", "b/given ← link ← link: No action known here wrote it", [], id, "b/y");
        await FailsAsync("NO_PRODUCER", "b/nowhere: No action known here wrote it", [], id, "b/nowhere", "--plan");

        Lose("p", "q");
        await FailsAsync("RECOVERY_CYCLE", "b/p ← link ← link ← link: Making it needs itself", [], id, "b/p", "--plan");
        Assert.Equal(["s0", "s1", "c0", "c1", "s1"], Calls());
    }

    [Fact]
    public async Task A_producer_that_OpenWhisk_has_no_more_is_named_with_what_helps()
    {
        Write("link.py", LinkAction.Source(Folder));
        await using var whisk = await WhiskOfTest.StartAsync(Folder, PathOf("objects"));
        await whisk.DeployAsync("link", PathOf("link.py"));
        string[] there = ["--openwhisk", whisk.Url(), "--auth", whisk.Auth, "--object-store", $"file:{PathOf("objects")}"];
        WriteLinks(("s0", "", "x", ""));
        var id = (await RunAsync(["run", PathOf("links.yaml"), "--json", .. there])).MustExitWith(0).Json().GetProperty("orchId").GetString()!;
        File.Delete(PathOf("objects/b/x"));
        await whisk.DeleteAsync("link");

        var gone = (await RunAsync("runs", "heal", id, "--auth", whisk.Auth)).MustExitWith(1);
        Assert.Contains("PRODUCER_GONE", gone.All, StringComparison.Ordinal);
        Assert.Contains("b/x ← link ← look: ", gone.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused_with_what_helps()
    {
        Assert.Contains("There is no run '6b07'", (await RunAsync("runs", "heal", "6b07")).MustExitWith(2).Errors, StringComparison.Ordinal);
        await using var whisk = await WhiskOfTest.StartAsync(Folder);
        Write("greet.py", "def main(args):\n    return {}\n");
        await whisk.DeployAsync("greet", PathOf("greet.py"));
        var workflow = Write("greet.yaml", "name: greet\nsteps: [{ id: greet, action: greet }]\n");
        var id = (await RunAsync("run", workflow, "--json", "--openwhisk", whisk.Url(), "--auth", whisk.Auth)).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

        Assert.Contains("'nothing' names no object: it takes bucket/key", (await RunAsync("runs", "heal", id, "nothing")).MustExitWith(2).Errors, StringComparison.Ordinal);
        Assert.Contains("had no object store", (await RunAsync("runs", "heal", id)).MustExitWith(2).Errors, StringComparison.Ordinal);
        var wrong = (await HostProcess.RunAsync(Folder, new Dictionary<string, string> { ["Orchestration__Lineage__OnChange"] = "sometimes" }, "runs", "heal", id)).MustExitWith(2);
        Assert.Contains("Orchestration__Lineage__OnChange in the environment: 'sometimes' is not accept, fail or invalidate.", wrong.Errors, StringComparison.Ordinal);
    }

    private async Task FailsAsync(string code, string path, (string Name, string Value)[] bounds, params string[] arguments)
    {
        var environment = bounds.ToDictionary(b => $"Orchestration__Lineage__{b.Name}", b => b.Value);
        var result = (await HostProcess.RunAsync(Folder, environment, ["runs", "heal", .. arguments])).MustExitWith(1);
        var text = string.Join(' ', result.All.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(code, text, StringComparison.Ordinal);
        Assert.Contains(path, text, StringComparison.Ordinal);
        if (!arguments.Contains("--plan"))
            return;
        var missing = (await HostProcess.RunAsync(Folder, environment, ["runs", "heal", .. arguments, "--json"])).MustExitWith(1).Json().GetProperty("missing")[0];
        Assert.Equal((code, JsonValueKind.Null), (missing.GetProperty("code").GetString(), missing.GetProperty("job").ValueKind));
        Assert.StartsWith(missing.GetProperty("path").GetString()!, path, StringComparison.Ordinal);
    }
}
