using Orchestration.Host.Progress;

namespace Orchestration.Host.Tests.Progress;

public sealed class ProgressLogTests
{
    [Fact]
    public void Steps_tell_their_beginning_and_their_end()
    {
        var run = new RunScript("s", "t").Seal("s", 5, 2).Start("s", 0).Wait(2).Succeed("s", 0).Close("s", 1, 4).End("s").Skip("t");

        Assert.Equal(["s: 5 actions, 2 at a time", "s: 1 succeeded, 4 failed in 2.00 s", "t: skipped, as its condition is false"], run.Lines.Select(l => l.Text));
    }

    [Fact]
    public void A_failure_tells_its_reason_and_what_follows()
    {
        var run = new RunScript("s").Seal("s", 5).Start("s", 0, 1, 2, 3).Fail("s", 0, retryIn: 2).Fail("s", 1, retryIn: 0).Fail("s", 2).Fail("s", 3, lacks: "b/k").GiveUp("s", 3);

        Assert.Equal(
        [
            "s[0]: attempt 1 failed (application_error: Bad: no luck); the next is in 2.00 s",
            "s[1]: attempt 1 failed (application_error: Bad: no luck); the next follows at once",
            "s[2]: failed, attempt 1 was the last (application_error: Bad: no luck)",
            "s[3]: attempt 1 lacks b/k, which is made again",
            "s[3]: failed: NO_PRODUCER: in/film",
        ],
        run.Lines.Where(l => l.IsTrouble).Select(l => l.Text));
    }

    [Fact]
    public void Thousands_of_failures_make_few_lines()
    {
        var run = new RunScript("s").Seal("s", 5000);
        for (var i = 0; i < 5000; i++)
            run.Start("s", i).Fail("s", i, retryIn: 1).Start("s", i).Fail("s", i);
        run.Tick(10).End("s");

        Assert.Equal(ProgressLog.FailuresOneByOne, run.Lines.Count(l => l.Text.StartsWith("s[", StringComparison.Ordinal)));
        Assert.Contains(run.Lines, l => l.Text == "s: 9,990 further attempts failed, 4,995 of them the last of their action");
        Assert.True(run.Lines.Count < 20, $"{run.Lines.Count} lines");
    }

    [Fact]
    public void A_step_that_takes_long_says_how_far_it_is_at_intervals_that_grow()
    {
        var run = new RunScript("s").Seal("s", 100_000, 10).Start("s", Enumerable.Range(0, 10)).Wait(1).Succeed("s", Enumerable.Range(0, 5));
        for (var second = 0; second < 3600; second++)
            run.Tick(1);

        var lines = run.Lines.Where(l => l.Text.StartsWith("s: 5 of ", StringComparison.Ordinal)).ToList();
        Assert.Equal("s: 5 of 100,000 done, 5 running; parallelism 10: at least 2 h 46 min more (0.5/s after 10.0 s)", lines[0].Text);
        Assert.InRange(lines.Count, 10, 20);
    }
}
