using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

public class EndTests
{
    private static readonly JsonBytes Output = JsonBytes.Parse("""{"file":"x"}""");

    private static Desk MidFlight() => Desk.Started()
        .Do(Given.Add(Given.At(0), Given.Batch("a", 4)))
        .Do(new StartAttempts(Given.At(0), 3))
        .Do(new ReportAccepted(Given.At(1), Given.Attempt(1), "act-1"))
        .Do(new ReportEnd(Given.At(1), Given.Attempt(2), Given.Failure(), 0));

    [Fact]
    public void A_complete_stores_the_output_once()
    {
        var desk = Desk.Started();
        Assert.Equal(new OrchestrationCompleted(Given.At(1), Output), desk.Only<OrchestrationCompleted>(new Complete(Given.At(1), Output, false)));
        desk.Do(new Complete(Given.At(1), Output, false));
        Assert.Equal((OrchestrationStatus.Completed, Output, Given.At(1)), (desk.State.Status, desk.State.Output, desk.State.EndedAt!.Value));
        Assert.Equal(Decision.Nothing, desk.Decide(new Complete(Given.At(2), Output, false)));
        Assert.Equal(Decision.Nothing, desk.Decide(new Complete(Given.At(2), Output, true)));
        Assert.Equal(Decision.Nothing, desk.Decide(new Cancel(Given.At(2), "late")));
        Assert.Equal(Decision.Nothing, desk.Decide(new Fail(Given.At(2), new Failure(null, "late"), null)));
        Assert.Equal(Decision.Nothing, desk.Decide(new TakeOver(Given.At(2), "there", Given.Platform)));
    }

    [Fact]
    public void A_complete_while_a_batch_runs_is_refused() => Assert.Equal(
        "The batch 'a' is still running; wait for its results, or cancel the orchestration.",
        MidFlight().Refused(new Complete(Given.At(2), Output, false), "BATCH_RUNNING"));

    [Fact]
    public void A_pipelines_orchestration_completes_by_itself()
    {
        var desk = new Desk().Do(Given.Start(Given.T0, Given.Pipeline()));
        Assert.Equal(
            $"The orchestration {Given.Id} is run by its pipeline and completes by itself; cancel it to end it early.",
            desk.Refused(new Complete(Given.At(1), Output, false), "PIPELINE_DRIVEN"));
        Assert.IsType<OrchestrationCompleted>(Assert.Single(desk.Decide(new Complete(Given.At(1), Output, true)).Facts));
    }

    [Fact]
    public void A_complete_after_another_end_is_refused()
    {
        var desk = Desk.Started().Do(new Fail(Given.At(1), new Failure("E", "no"), "a"));
        Assert.Equal($"The orchestration {Given.Id} is failed; start a new one.", desk.Refused(new Complete(Given.At(2), Output, false), "NOT_RUNNING"));
        Assert.Equal(Decision.Nothing, desk.Decide(new Complete(Given.At(2), Output, true)));
    }

    [Fact]
    public void A_cancel_mid_flight_closes_the_attempts_that_run_and_leaves_the_rest()
    {
        var desk = MidFlight();
        var facts = desk.Decide(new Cancel(Given.At(2), "enough")).Facts;
        var failure = new Failure("CANCELLED", "enough");
        Assert.Equal(
            [
                new AttemptFailed(Given.At(2), 0, 0, 1, null, null, AttemptOutcome.Cancelled, failure, ObjectReport.None, null, false),
                new AttemptFailed(Given.At(2), 0, 1, 1, "act-1", null, AttemptOutcome.Cancelled, failure, ObjectReport.None, null, false),
                new OrchestrationCancelled(Given.At(2), "enough"),
            ],
            facts);
        desk.Store(facts);
        Assert.Equal((OrchestrationStatus.Cancelled, failure), (desk.State.Status, desk.State.Failure));
        Assert.Equal(
            [ActionPhase.Failed, ActionPhase.Failed, ActionPhase.Waiting, ActionPhase.Waiting],
            desk.State.Batches[0].Actions.Select(a => a.Phase));
    }

    [Fact]
    public void After_an_end_nothing_starts_and_nothing_is_due()
    {
        var desk = MidFlight().Do(new Cancel(Given.At(2), "enough"));
        Assert.Equal(Decision.Nothing, desk.Decide(new StartAttempts(Given.At(9), 9)));
        Assert.Equal((0, null), (desk.State.Startable(Given.At(9)), desk.State.NextDue(Given.At(0))));
        Assert.Equal(Decision.Nothing, desk.Decide(new Cancel(Given.At(3), "again")));
        Assert.IsType<LateOutcome>(Assert.Single(desk.Decide(new ReportEnd(Given.At(3), Given.Attempt(), Given.Success(), 0)).Facts));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportAccepted(Given.At(3), Given.Attempt(), "x")));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCrash(Given.At(3), Given.Attempt(), "x")));
    }

    [Fact]
    public void A_failure_closes_the_attempts_that_run()
    {
        var desk = MidFlight();
        var facts = desk.Decide(new Fail(Given.At(2), new Failure("E", "no"), "b")).Facts;
        Assert.Equal(new OrchestrationFailed(Given.At(2), new Failure("E", "no"), "b"), facts[^1]);
        Assert.Equal([(0, null), (1, "act-1")], facts[..^1].Cast<AttemptFailed>().Select(f => (f.Index, f.ActivationId)));
        Assert.All(facts[..^1].Cast<AttemptFailed>(), f => Assert.Equal((AttemptOutcome.Cancelled, null), (f.Outcome, f.RetryAt)));
        desk.Store(facts);
        Assert.Equal((0, OrchestrationStatus.Failed), (desk.State.Running, desk.State.Status));
    }
}
