using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

public class AttemptTests
{
    private static Desk WithBatch(int count = 3, int? parallelism = null, RetryPolicy? retry = null) =>
        Desk.Started().Do(Given.Add(Given.At(0), Given.Batch("a", count, parallelism, retry)));

    private static Desk Running(int count = 1, RetryPolicy? retry = null) => WithBatch(count, null, retry).Do(new StartAttempts(Given.At(0), count));

    [Fact]
    public void Attempts_start_in_order_up_to_the_places_with_the_time_they_waited()
    {
        var facts = WithBatch().Decide(new StartAttempts(Given.At(4), 2)).Facts;
        Assert.Equal(
            [
                new AttemptStarted(Given.At(4), 0, 0, Given.FirstId, 1, TimeSpan.FromSeconds(4)),
                new AttemptStarted(Given.At(4), 0, 1, Given.FirstId.Plus(1), 1, TimeSpan.FromSeconds(4)),
            ],
            facts);
    }

    [Fact]
    public void A_clock_set_back_gives_no_negative_wait() =>
        Assert.Equal(TimeSpan.Zero, WithBatch(1).Only<AttemptStarted>(new StartAttempts(Given.At(-9), 1)).Queued);

    [Fact]
    public void No_place_starts_nothing()
    {
        Assert.Equal(Decision.Nothing, WithBatch().Decide(new StartAttempts(Given.At(1), 0)));
        Assert.Equal(Decision.Nothing, Desk.Started().Decide(new StartAttempts(Given.At(1), 5)));
    }

    [Fact]
    public void Parallelism_bounds_what_runs_at_once()
    {
        var desk = WithBatch(5, 2).Do(new StartAttempts(Given.At(0), 100));
        Assert.Equal((2, 0), (desk.State.Running, desk.State.Startable(Given.At(0))));
        Assert.Empty(desk.Decide(new StartAttempts(Given.At(1), 100)).Facts);
        desk.Do(new ReportEnd(Given.At(1), Given.Attempt(1), Given.Success(), 0));
        Assert.Equal(2, desk.Only<AttemptStarted>(new StartAttempts(Given.At(1), 100)).Index);
    }

    [Fact]
    public void Places_go_to_the_batches_in_turn()
    {
        var desk = Desk.Started()
            .Do(Given.Add(Given.At(0), Given.Batch("huge", 100)))
            .Do(Given.Add(Given.At(0), Given.Batch("small", 2)));
        var facts = desk.Decide(new StartAttempts(Given.At(0), 6)).Facts.Cast<AttemptStarted>();
        Assert.Equal([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (0, 3)], facts.Select(f => (f.Batch, f.Index)));
    }

    [Fact]
    public void Retries_that_are_due_go_before_fresh_actions_and_those_that_are_not_wait()
    {
        var desk = WithBatch(3).Do(new StartAttempts(Given.At(0), 2))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(0), Given.Failure(), 0))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(1), Given.Failure(), 0));
        Assert.Equal(Given.At(2), desk.State.NextDue(Given.At(1)));
        Assert.Equal(Given.At(3), desk.State.NextDue(Given.At(2)));
        Assert.Null(desk.State.NextDue(Given.At(3)));
        Assert.Equal(2, desk.State.Startable(Given.At(2)));
        var facts = desk.Decide(new StartAttempts(Given.At(2), 9)).Facts.Cast<AttemptStarted>();
        Assert.Equal([(0, 2, 0.0), (2, 1, 2.0)], facts.Select(f => (f.Index, f.Attempt, f.Queued.TotalSeconds)));
    }

    [Fact]
    public void A_success_ends_the_action_and_the_last_one_ends_the_batch()
    {
        var desk = Running(2);
        var timing = new ActivationTiming(Given.At(1), Given.At(2));
        var objects = Given.Objects([Given.Access("in/a", 5, 1)]);
        Assert.Equal(
            new AttemptSucceeded(Given.At(3), 0, 1, 1, "act", timing, Json.JsonBytes.Parse("{\"r\":1}"), objects),
            desk.Only<AttemptSucceeded>(new ReportEnd(Given.At(3), Given.Attempt(1), Given.Success("{\"r\":1}", "act", timing, objects), 0)));
        desk.Do(new ReportEnd(Given.At(3), Given.Attempt(1), Given.Success(), 0));
        var last = desk.Decide(new ReportEnd(Given.At(4), Given.Attempt(0), Given.Success(), 0)).Facts;
        Assert.Collection(last, f => Assert.IsType<AttemptSucceeded>(f), f => Assert.Equal(new BatchEnded(Given.At(4), 0), f));
        desk.Store(last);
        Assert.Equal([4L, 5L], desk.State.Batches[0].Actions.Select(a => a.DoneAt).Order());
        Assert.All(desk.State.Batches[0].Actions, a => Assert.True(a is { Done: true, Spec: null }));
    }

    [Fact]
    public void A_failure_is_stored_with_its_next_step_and_after_the_last_retry_the_action_has_failed()
    {
        var desk = Running(1, Given.Plain with { Retries = 2 });
        foreach (var number in new[] { 1, 2 })
        {
            var failed = desk.Only<AttemptFailed>(new ReportEnd(Given.At(number), Given.Attempt(0, number), Given.Failure(), 0.9));
            Assert.Equal((Given.At(number + 1), true), (failed.RetryAt, failed.UsedRetry));
            desk.Store(failed).Do(new StartAttempts(Given.At(number + 1), 1));
        }

        var facts = desk.Decide(new ReportEnd(Given.At(4), Given.Attempt(0, 3), Given.Failure(code: "E"), 0)).Facts;
        Assert.Equal(new AttemptFailed(Given.At(4), 0, 0, 3, null, null, AttemptOutcome.ApplicationError, new Failure("E", "no"), ObjectReport.None, null, false), facts[0]);
        Assert.Equal(new BatchEnded(Given.At(4), 0), facts[1]);
        Assert.Equal((0, 1), (desk.Store(facts).State.Batches[0].Succeeded, desk.State.Batches[0].Failed));
    }

    [Fact]
    public void An_actions_own_policy_stands_before_the_batchs()
    {
        var batch = Given.Batch("a", 1);
        var own = batch with { Actions = [batch.Actions[0] with { Retry = new RetryPolicy { Retries = 0 } }] };
        var desk = Desk.Started().Do(Given.Add(Given.At(0), own)).Do(new StartAttempts(Given.At(0), 1));
        Assert.Null(((AttemptFailed)desk.Decide(new ReportEnd(Given.At(1), Given.Attempt(), Given.Failure(), 0)).Facts[0]).RetryAt);
    }

    [Fact]
    public void An_accepted_activation_is_stored_once()
    {
        var desk = Running();
        var accepted = new ReportAccepted(Given.At(1), Given.Attempt(), "act-1");
        Assert.Equal(new ActivationAccepted(Given.At(1), 0, 0, 1, "act-1"), desk.Only<ActivationAccepted>(accepted));
        desk.Do(accepted);
        Assert.Equal("act-1", desk.State.Batches[0].Actions[0].ActivationId);
        Assert.Equal(Decision.Nothing, desk.Decide(accepted));
        Assert.Equal(Decision.Nothing, desk.Decide(accepted with { ActivationId = "act-2" }));
        Assert.Equal("act-1", desk.Only<AttemptFailed>(new ReportEnd(Given.At(2), Given.Attempt(), Given.Failure(), 0)).ActivationId);
    }

    [Fact]
    public void An_accepted_activation_of_another_attempt_is_not_taken()
    {
        var desk = Running();
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportAccepted(Given.At(1), Given.Attempt(0, 2), "x")));
        desk.Do(new ReportEnd(Given.At(1), Given.Attempt(), Given.Failure(), 0));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportAccepted(Given.At(1), Given.Attempt(), "x")));
    }

    [Fact]
    public void Late_and_repeated_outcomes_are_recorded_and_change_nothing()
    {
        var desk = Running().Do(new ReportEnd(Given.At(1), Given.Attempt(), Given.Failure(), 0)).Do(new StartAttempts(Given.At(2), 1));
        var before = StateText.Of(desk.State);
        var late = new ReportEnd(Given.At(3), Given.Attempt(), Given.Success("{}", "act"), 0);
        Assert.Equal(new LateOutcome(Given.At(3), 0, 0, 1, "act", AttemptOutcome.Success), desk.Only<LateOutcome>(late));
        Assert.Equal(
            new LateOutcome(Given.At(3), 0, 0, 1, null, AttemptOutcome.Timeout),
            desk.Only<LateOutcome>(new ReportEnd(Given.At(3), Given.Attempt(), Given.Failure(AttemptOutcome.Timeout), 0)));
        Assert.Equal(before, StateText.Of(desk.Do(late).State));
        desk.Do(new ReportEnd(Given.At(4), Given.Attempt(0, 2), Given.Success(), 0));
        Assert.IsType<LateOutcome>(Assert.Single(desk.Decide(new ReportEnd(Given.At(5), Given.Attempt(0, 2), Given.Success(), 0)).Facts));
    }

    [Theory]
    [InlineData(0, 0, 2)]
    [InlineData(0, 5, 1)]
    [InlineData(3, 0, 1)]
    [InlineData(-1, 0, 1)]
    [InlineData(0, -1, 1)]
    public void An_attempt_that_never_was_is_passed_over(int batch, int index, int number)
    {
        var attempt = new AttemptRef(batch, index, number);
        var desk = Running();
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportEnd(Given.At(1), attempt, Given.Success(), 0)));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportAccepted(Given.At(1), attempt, "x")));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCrash(Given.At(1), attempt, "x")));
    }

    [Fact]
    public void An_attempt_that_goes_on_cannot_be_reported_as_its_end()
    {
        var desk = Running().Do(new ReportEnd(Given.At(1), Given.Attempt(), Given.Failure(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => desk.Decide(new ReportEnd(Given.At(2), Given.Attempt(), new InvokeReply.Accepted("x"), 0)));
    }

    [Fact]
    public void A_crash_before_the_activation_is_known_repeats_the_attempt_without_a_retry()
    {
        var failed = Running(1, Given.Plain with { Retries = 0 }).Only<AttemptFailed>(new ReportCrash(Given.At(5), Given.Attempt(), "boom"));
        Assert.Equal((AttemptOutcome.Crashed, Given.At(5), false), (failed.Outcome, failed.RetryAt!.Value, failed.UsedRetry));
        Assert.Equal(new Failure("CRASHED", "The actor that ran the attempt failed: boom"), failed.Failure);
    }

    [Fact]
    public void A_crash_while_the_activation_is_awaited_closes_nothing() => Assert.Equal(
        Decision.Nothing,
        Running().Do(new ReportAccepted(Given.At(1), Given.Attempt(), "act")).Decide(new ReportCrash(Given.At(2), Given.Attempt(), "boom")));

    [Fact]
    public void An_action_whose_actor_keeps_failing_has_failed_after_five_repeats()
    {
        var desk = Running();
        for (var number = 1; number <= RetryRules.MaxCrashes; number++)
            desk.Do(new ReportCrash(Given.At(number), Given.Attempt(0, number), "boom")).Do(new StartAttempts(Given.At(number), 1));
        var facts = desk.Decide(new ReportCrash(Given.At(9), Given.Attempt(0, 6), "boom")).Facts;
        Assert.Null(((AttemptFailed)facts[0]).RetryAt);
        Assert.IsType<BatchEnded>(facts[1]);
        Assert.Equal(ActionPhase.Failed, desk.Store(facts).State.Batches[0].Actions[0].Phase);
    }
}
