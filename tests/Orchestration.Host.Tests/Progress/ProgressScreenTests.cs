namespace Orchestration.Host.Tests.Progress;

public sealed class ProgressScreenTests
{
    [Fact]
    public void A_run_in_the_middle_at_80_columns()
    {
        var run = new RunScript("split", "transcode", "check", "combine").Seal("split", 1).Start("split", 0).Wait(6.16).Succeed("split", 0).End("split")
            .Skip("check").Seal("transcode", 40, 4).Start("transcode", 0, 1, 2, 3, 4, 5, 6, 7).Wait(3)
            .Succeed("transcode", 0, 1, 2, 3).Fail("transcode", 4, retryIn: 1).Fail("transcode", 5).Fail("transcode", 6, lacks: "b/k");

        Assert.Equal(
        [
            "✓ split      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  1/1  6.16 s",
            "▸ transcode  ━━━━╌──────────────────────────  4/40  1 failed  1.7/s  3.00 s",
            "  1 running, 1 retrying, 1 recovering; parallelism 4: at least 27.0 s more",
            "· check      ───────────────────────────────  skipped",
            "· combine    ───────────────────────────────  waiting",
        ],
        run.Screen());
    }

    [Fact]
    public void Before_the_first_fact_something_is_shown()
    {
        Assert.Equal(["starting ..."], new RunScript().Screen());
    }

    [Fact]
    public void A_step_without_items_is_done()
    {
        Assert.EndsWith("━━━━━━━━━━  0/0  0 ms", Assert.Single(new RunScript("s").Seal("s", 0).End("s").Screen(40)), StringComparison.Ordinal);
    }

    [Fact]
    public void When_not_all_fits_what_runs_is_shown_and_the_rest_is_counted()
    {
        string[] steps = [.. Enumerable.Range(0, 50).Select(i => $"s{i:00}")];
        var run = new RunScript(steps);
        foreach (var step in steps.Take(30))
            run.Seal(step, 1).Start(step, 0).Succeed(step, 0).End(step);
        run.Seal("s40", 100).Start("s40", 0);

        var screen = run.Screen(80, 10);

        Assert.Contains(screen, line => line.StartsWith("▸ s40", StringComparison.Ordinal));
        Assert.Equal("… and 44 more steps, 30 of them at their end", screen[^1]);
        Assert.Equal(8, screen.Length);
    }
}
