using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Predictions;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Tests.Progress;

/// <summary>How long a run still takes, by past ones: a takes 2 s, then three of b take 10 s each, one at a time.</summary>
public sealed class TimeLeftTests
{
    private static readonly ForecastStep[] Steps = [new("a", "a", [], null), new("b", "b", ["a"], 1)];

    [Fact]
    public void It_is_what_past_runs_took_for_what_is_not_done_less_the_time_that_has_passed()
    {
        var run = new RunScript(Past(4), "a", "b");
        Assert.Equal("about 32.0 s left, ± 0 ms (by 4 past runs)", run.Log.TimeLeft(run.Now));
        run.Wait(1);
        Assert.Equal("about 31.0 s left, ± 0 ms (by 4 past runs)", run.Log.TimeLeft(run.Now));
        run.Seal("a", 1).Start("a", 0).Wait(1).Succeed("a", 0).End("a").Seal("b", 3, 1).Start("b", 0).Wait(4);
        Assert.StartsWith("about 30.0 s left", run.Log.TimeLeft(run.Now), StringComparison.Ordinal);
        run.Wait(8).Succeed("b", 0).Start("b", 1);
        Assert.StartsWith("about 20.0 s left", run.Log.TimeLeft(run.Now), StringComparison.Ordinal);
        run.Wait(21);
        Assert.Equal("longer than expected (by 4 past runs)", run.Log.TimeLeft(run.Now));
        run.Succeed("b", 1, 2).End("b");
        Assert.Null(run.Log.TimeLeft(run.Now));
    }

    [Fact]
    public void How_sure_it_is_takes_three_past_runs()
    {
        var run = new RunScript(Past(1), "a", "b");
        Assert.Equal("about 32.0 s left (by 1 past run)", run.Log.TimeLeft(run.Now));
    }

    [Fact]
    public void Without_past_runs_nothing_is_said()
    {
        var run = new RunScript(new TimeLeft(Task.FromResult<PastRunsOfPipeline?>(null)), "a", "b");
        Assert.Null(run.Log.TimeLeft(run.Now));
        Assert.DoesNotContain(run.Screen(), l => l.Contains("left", StringComparison.Ordinal));
        var unread = new RunScript(new TimeLeft(new TaskCompletionSource<PastRunsOfPipeline?>().Task), "a", "b");
        Assert.Null(unread.Log.TimeLeft(unread.Now));
    }

    [Fact]
    public void It_is_told_once_at_the_begin_and_then_beside_what_goes_on_for_long_and_stands_below_the_bars()
    {
        var run = new RunScript(Past(4), "a", "b").Seal("a", 1).Start("a", 0).Tick(1).Tick(1);
        Assert.Single(run.Lines, l => l.Text.Contains(" left", StringComparison.Ordinal));
        run.Succeed("a", 0).End("a").Seal("b", 3, 1).Start("b", 0).Tick(5).Tick(6);
        Assert.Equal(2, run.Lines.Count(l => l.Text.Contains(" left", StringComparison.Ordinal) || l.Text.StartsWith("longer", StringComparison.Ordinal)));
        Assert.StartsWith("about ", run.Screen()[^1], StringComparison.Ordinal);
    }

    private static TimeLeft Past(int runs) => new(Task.FromResult<PastRunsOfPipeline?>(new PastRunsOfPipeline(
        RunHistory.Of(Enumerable.Range(1, runs).Select(n => new RunFigures(
            OrchestrationId.Parse($"{n:x24}"), "w", new DateTimeOffset(2025, 3, 1, n, 0, 0, TimeSpan.Zero), true, 32, 32, 0,
            [Action(1, "a", 2), Action(2, "b", 10), Action(3, "b", 10), Action(4, "b", 10)], []))),
        Steps,
        0)));

    private static ActionFigures Action(int number, string name, double seconds) => new(ActionId.Parse($"{number:x24}"), name, name, 0, [seconds], 0, false, 0, []);
}
