using Orchestration.Core.Costs;
using Orchestration.Core.Decisions;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Costs;

public class RunCostTests
{
    private static readonly PriceSheet Prices = new(2, 0.5, 0.25);

    /// <summary>One action that was throttled, failed after 3 s and succeeded after 2 s; it wrote an object of 8 bytes 4 s before the end.</summary>
    private static RunFigures Figures()
    {
        var desk = new Desk().Do(Given.Start(Given.T0)).Do(Given.Add(Given.At(0), Given.Batch("make", 1)))
            .Do(new StartAttempts(Given.At(0), 1))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(), Given.Failure(AttemptOutcome.Throttled), 0))
            .Do(new StartAttempts(Given.At(3), 1))
            .Do(new ReportEnd(Given.At(6), Given.Attempt(0, 2), Given.Failure(), 0))
            .Do(new StartAttempts(Given.At(7), 1))
            .Do(new ReportEnd(Given.At(9), Given.Attempt(0, 3), Given.Success(objects: Given.Objects([Given.Access("in/a", 5, 7)], [Given.Access("out/b", 8, 8)])), 0))
            .Do(new Complete(Given.At(12), JsonBytes.Null, false));
        return RunFigures.Of(OrchestrationReport.From(Given.Id, desk.Log));
    }

    [Fact]
    public void A_run_costs_its_attempts_its_time_and_what_it_keeps()
    {
        var cost = RunCost.Of(Figures(), Prices);

        Assert.Equal((3 + 2) * 2 + 12 * 0.5, cost.Compute);
        Assert.Equal(8 * 4 * 0.25, cost.Storage);
        Assert.Equal(3 * 2, cost.Failures);
        Assert.Equal(0, cost.Recoveries);
        Assert.Equal(new StepCost("make", 1, 10, 8), Assert.Single(cost.Steps));
        Assert.Equal(8, Assert.Single(cost.Objects).Storage);
    }

    [Fact]
    public void An_action_costs_the_mean_of_its_attempts_that_reached_the_platform()
    {
        var figures = Figures();
        var cost = ActionCost.Of(figures.Actions[0], figures.Id, Prices);

        Assert.Equal((2.5 * 2, 8.0), (cost.Compute, cost.Storage));
        Assert.Equal((5L, "in/a"), (figures.InputSize!.Value, figures.Input!.Value.Value));
    }

    [Fact]
    public void Re_runs_are_costs_of_recovery_and_not_of_failure()
    {
        var run = Past();
        var cost = RunCost.Of(run, Prices);

        Assert.Equal((2.0, 6.0), (cost.Failures, cost.Recoveries));

        static RunFigures Past() => Predictions.Past.Run(
            1, 10, 5, Predictions.Past.Action(1, "a", 1) with { FailedSeconds = 1 }, Predictions.Past.Action(2, "a", 3) with { IsRerun = true, FailedSeconds = 2 });
    }

    [Fact]
    public void The_named_sheets_charge_for_each_second_and_tell_their_source() => Assert.All(PriceSheet.Presets, preset =>
    {
        Assert.True(preset.Prices is { Compute: > 0, Storage: > 0 });
        Assert.StartsWith("https://", preset.Source, StringComparison.Ordinal);
    });

    [Fact]
    public void Of_nothing_there_is_no_mean() => Assert.Throws<ArgumentException>(() => MeanCost.Of([]));
}
