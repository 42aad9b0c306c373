using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Recovery;

/// <summary>Objects that are lost while a run goes on, with what the command line says and sets about it.</summary>
public sealed class LosingDuringRunTests : LosingWorkplace
{
    private static readonly (string Name, string In, string Out, string Gate)[] Chain =
        [("s0", "", "o0", ""), ("s1", "o0", "o1", ""), ("s2", "o1", "o2", ""), ("wait", "", "", "gate"), ("read", "o2", "end", "")];

    [Fact]
    public async Task A_recovery_whose_process_is_killed_again_and_again_comes_to_its_end_and_repeats_nothing_that_was_stored()
    {
        var (process, id) = await StartAsync([]);
        Lose("o0", "o1", "o2");
        Open();
        foreach (var name in new[] { "s0", "s1", "s2" })
        {
            await using (process)
            {
                await WaitForCallAsync(name, 2);
                process.Kill();
                await process.WaitAsync();
            }

            process = HostProcess.Start(Folder, "runs", "resume", id, "--json");
        }

        await using var last = process;
        var report = (await last.WaitAsync()).MustExitWith(0).Json();
        Assert.Equal("read(s2(s1(s0())))", Content("end"));
        var again = report.GetProperty("actions").EnumerateArray().Where(a => a.GetProperty("step").GetString()!.StartsWith("recovery#", StringComparison.Ordinal)).ToList();
        Assert.All(again, a => Assert.True(a.GetProperty("success").GetBoolean()));
        Assert.Equal(3, again.Select(a => a.GetProperty("actionId").GetString()).Distinct().Count());

        // An attempt that a kill interrupted before its end was stored is repeated.
        var repeated = again.SelectMany(Attempts).Count(a => a.GetProperty("outcome").GetString() == "interrupted");
        Assert.InRange(repeated, 0, 3);
        Assert.InRange(CallsOf("s0") + CallsOf("s1") + CallsOf("s2"), 6, 6 + repeated);
    }

    [Fact]
    public async Task An_object_that_is_lost_too_often_fails_the_run_and_says_so()
    {
        var (process, _) = await StartAsync(new() { ["Orchestration__Lineage__MaxChases"] = "1" }, [.. Chain[..4], Chain[4] with { Gate = "gate2" }, ("again", "o2", "end2", "")]);
        await using var _ = process;
        Lose("o2");
        Open();
        await WaitForCallAsync("read");
        Lose("o2");
        Open("gate2");

        // The reader that waits finds it missing by itself, when it has been made again once.
        var failed = (await process.WaitAsync()).MustExitWith(1);
        Assert.Contains("RECOVERY_CHASES", failed.All, StringComparison.Ordinal);
        Assert.Contains("b/o2 ← link ← link", failed.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accept", 0, "s2(s1(s0()))!")]
    [InlineData("fail", 1, "")]
    [InlineData("invalidate", 0, "s2(s1(s0())!)!")]
    public async Task What_follows_when_an_object_comes_out_different_is_set_for_the_command_line(string policy, int exitCode, string last)
    {
        var (process, _) = await StartAsync(new() { ["Orchestration__Lineage__OnChange"] = policy });
        await using var _ = process;
        Lose(policy == "invalidate" ? ["o1", "o2"] : ["o2"]);
        Write("other", "");
        Open();
        var ended = (await process.WaitAsync()).MustExitWith(exitCode);
        if (exitCode == 0)
            Assert.Equal($"read({last})!", Content("end"));
        else
            Assert.Contains("CONTENT_CHANGED", ended.All, StringComparison.Ordinal);
    }

    /// <summary>Starts a run and waits until the link with the gate is reached.</summary>
    private async Task<(HostProcess Process, string Id)> StartAsync(Dictionary<string, string> environment, (string Name, string In, string Out, string Gate)[]? links = null)
    {
        var process = HostProcess.Start(Folder, environment, "run", WriteLinks(links ?? Chain));
        var id = IdIn(await process.WaitForLineAsync("run 6"));
        await WaitForCallAsync("wait");
        return (process, id);
    }
}
