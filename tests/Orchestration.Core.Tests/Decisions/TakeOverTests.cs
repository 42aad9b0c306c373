using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

public class TakeOverTests
{
    private static readonly RetryPolicy Limited = Given.Plain with { Retries = 0, AttemptTimeout = TimeSpan.FromSeconds(60), OverallTimeout = TimeSpan.FromSeconds(90) };

    private static Desk MidFlight() => Desk.Started()
        .Do(Given.Add(Given.At(0), Given.Batch("a", 3, null, Limited)))
        .Do(new StartAttempts(Given.At(1), 2))
        .Do(new ReportAccepted(Given.At(2), Given.Attempt(1), "act-1"));

    [Fact]
    public void Attempts_without_an_activation_are_closed_and_repeated_at_once_without_a_retry()
    {
        var desk = MidFlight();
        var facts = desk.Decide(new TakeOver(Given.At(9), "there/2", Given.Platform)).Facts;
        var failure = new Failure("INTERRUPTED", "The orchestrator stopped before it knew the activation's id; whether the action ran is not known.");
        Assert.Equal(
            [
                new Resumed(Given.At(9), "there/2", 2),
                new AttemptFailed(Given.At(9), 0, 0, 1, null, null, AttemptOutcome.Interrupted, failure, ObjectReport.None, Given.At(9), false),
            ],
            facts);
        desk.Store(facts);
        Assert.Equal(("there/2", 2), (desk.State.Owner, desk.State.Epoch));
        Assert.Equal([(0, 2), (2, 1)], desk.Decide(new StartAttempts(Given.At(9), 9)).Facts.Cast<AttemptStarted>().Select(f => (f.Index, f.Attempt)));
    }

    [Fact]
    public void Activations_that_are_known_are_awaited()
    {
        var state = MidFlight().Do(new TakeOver(Given.At(9), "there/2", Given.Platform)).State;
        var run = Assert.IsType<Effect.RunAttempt>(Assert.Single(Effects.OnRecovered(state)));
        Assert.Equal(
            new Effect.RunAttempt(
                Given.Attempt(1),
                new InvokeRequest(Given.Id, Given.FirstId.Plus(1), 1, "echo", JsonBytes.Parse("{\"i\":1}")),
                "act-1",
                Given.At(1),
                Given.At(61)),
            run);
    }

    [Fact]
    public void Another_platform_is_refused_and_both_are_named()
    {
        var message = MidFlight().Refused(new TakeOver(Given.At(9), "there/2", new Platform("https://whisk.example", "guest", "")), "OTHER_PLATFORM");
        Assert.Equal(
            $"The orchestration {Given.Id} was started on OpenWhisk local (namespace _) with file:objects, this process runs on OpenWhisk https://whisk.example (namespace guest) with no object store; resume it with the settings it was started with.",
            message);
    }

    [Fact]
    public void Effects_follow_from_stored_facts()
    {
        var desk = MidFlight();
        var started = new AttemptStarted(Given.At(3), 0, 2, Given.FirstId.Plus(2), 1, TimeSpan.Zero);
        desk.Store(started);
        Assert.Equal(
            (Given.Attempt(2), null, Given.At(63)),
            Effects.After(started, desk.State) is Effect.RunAttempt run ? (run.Attempt, run.ActivationId, run.Deadline!.Value) : default);
        Assert.Equal(new Effect.BatchFinished(7), Effects.After(new BatchEnded(Given.T0, 7), desk.State));
        Assert.IsType<Effect.OrchestrationFinished>(Effects.After(new OrchestrationCompleted(Given.T0, JsonBytes.Null), desk.State));
        Assert.IsType<Effect.OrchestrationFinished>(Effects.After(new OrchestrationFailed(Given.T0, new Failure(null, ""), null), desk.State));
        Assert.IsType<Effect.OrchestrationFinished>(Effects.After(new OrchestrationCancelled(Given.T0, ""), desk.State));
        Assert.IsType<Effect.PipelineBegins>(Effects.After(new OrchestrationStarted(Given.T0, Given.Id, "n", Given.Platform, Given.Pipeline(), JsonBytes.Null), desk.State));
        Assert.Null(Effects.After(new OrchestrationStarted(Given.T0, Given.Id, "n", Given.Platform, null, JsonBytes.Null), desk.State));
        Assert.Null(Effects.After(new Resumed(Given.T0, "x", 1), desk.State));
    }

    [Fact]
    public void An_attempt_that_was_closed_in_the_same_row_is_not_run()
    {
        var desk = MidFlight();
        var started = Assert.IsType<AttemptStarted>(desk.Decide(new StartAttempts(Given.At(3), 1)).Facts[0]);
        desk.Store(started).Do(new Cancel(Given.At(3), "enough"));
        Assert.Null(Effects.After(started, desk.State));
    }

    [Theory]
    [InlineData(60, 90, 1, 61)]
    [InlineData(60, 30, 1, 31)]
    [InlineData(null, 30, 1, 31)]
    [InlineData(60, null, 1, 61)]
    [InlineData(null, null, 1, null)]
    public void The_earlier_of_both_timeouts_ends_an_attempt(int? attempt, int? overall, int start, int? deadline)
    {
        var policy = Given.Plain with { AttemptTimeout = Seconds(attempt), OverallTimeout = Seconds(overall) };
        var desk = Desk.Started().Do(Given.Add(Given.At(0), Given.Batch("a", 1, null, policy))).Do(new StartAttempts(Given.At(start), 1));
        Assert.Equal(deadline is { } d ? Given.At(d) : null, Effects.Run(desk.State, 0, 0).Deadline);

        static TimeSpan? Seconds(int? value) => value is { } v ? TimeSpan.FromSeconds(v) : null;
    }

    [Fact]
    public void After_a_recovery_an_ended_orchestration_reports_and_a_pipeline_is_asked()
    {
        var ended = Desk.Started().Do(new Cancel(Given.At(1), "x")).State;
        Assert.IsType<Effect.OrchestrationFinished>(Assert.Single(Effects.OnRecovered(ended)));
        var driven = new Desk().Do(Given.Start(Given.T0, Given.Pipeline("a"))).State;
        Assert.IsType<Effect.PipelineBegins>(Assert.Single(Effects.OnRecovered(driven)));
        Assert.Empty(Effects.OnRecovered(OrchestrationState.Empty));
    }
}
