using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

/// <summary>An orchestration that has ended goes on with what failed.</summary>
public class RetryFailedTests
{
    private static RetryFailed Retry(string? step = null, string owner = "here/1") => new(Given.At(100), step, owner, Given.Platform);

    // The first action succeeded, the second failed for good, and the pipeline failed because of it.
    private static Desk Failed(int retries = 0) => new Desk().Do(Given.Start(Given.T0, Given.Pipeline("a", "b")))
        .Do(Given.Add(Given.At(0), Given.Batch("a", 2, retry: Given.Plain with { Retries = retries, OverallTimeout = TimeSpan.FromSeconds(50) }), fromPipeline: true))
        .Do(new StartAttempts(Given.At(1), 2))
        .Do(new ReportEnd(Given.At(2), Given.Attempt(0), Given.Success(), 0))
        .Do(new ReportEnd(Given.At(2), Given.Attempt(1), Given.Failure(AttemptOutcome.Rejected), 0))
        .Do(new SkipStep(Given.At(3), "b", "step 'a' failed"))
        .Do(new Fail(Given.At(3), new Failure("STEP_FAILED", "no"), "a"));

    [Fact]
    public void What_failed_waits_again_and_what_succeeded_stays()
    {
        var desk = Failed().Do(Retry());

        Assert.Equal([new OrchestrationReopened(Given.At(100)), new ActionsReopened(Given.At(100), 0, [new IndexRange(1, 1)])], desk.Log[^1].Facts);
        var state = desk.State;
        Assert.Equal((OrchestrationStatus.Running, null, null), (state.Status, state.Failure, state.EndedAt));
        Assert.Equal([0], state.Active);
        Assert.Empty(state.Skipped);
        Assert.Equal((1, 0, false), (state.Batches[0].Succeeded, state.Batches[0].Failed, state.Batches[0].Ended));
        var started = desk.Only<AttemptStarted>(new StartAttempts(Given.At(101), 9));
        Assert.Equal((1, 2, TimeSpan.FromSeconds(1)), (started.Index, started.Attempt, started.Queued));
        Assert.IsType<Effect.GoOn>(Effects.After(desk.Log[^1].Facts[0], state));
    }

    [Fact]
    public void Retries_and_the_overall_time_begin_anew()
    {
        var desk = Failed(retries: 1).Do(Retry()).Do(new StartAttempts(Given.At(101), 9));

        var again = desk.Only<AttemptFailed>(new ReportEnd(Given.At(102), Given.Attempt(1, 2), Given.Failure(), 0));

        Assert.True(again.UsedRetry);
        Assert.Equal(Given.At(103), again.RetryAt);
    }

    [Fact]
    public void Another_process_takes_it_over_in_the_same_row() =>
        Assert.Equal(new Resumed(Given.At(100), "there/2", 2), Failed().Do(Retry(owner: "there/2")).Log[^1].Facts[1]);

    [Fact]
    public void A_step_that_is_named_is_the_only_one_retried()
    {
        var desk = Desk.Started()
            .Do(Given.Add(Given.At(0), Given.Batch("a", 1, retry: Given.Plain with { Retries = 0 })))
            .Do(Given.Add(Given.At(0), Given.Batch("b", 1, retry: Given.Plain with { Retries = 0 })))
            .Do(Given.Add(Given.At(0), Given.Batch("c", 1)))
            .Do(new StartAttempts(Given.At(1), 9))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(batch: 0), Given.Failure(), 0))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(batch: 1), Given.Failure(), 0))
            .Do(new Fail(Given.At(3), new Failure("E", "no"), "b"));

        desk.Do(Retry("b"));
        // What the end had cut off goes on whichever step is named.
        Assert.Equal([1, 2], desk.State.Active);
        Assert.Equal(1, desk.State.Batches[0].Failed);
    }

    [Fact]
    public void A_batch_that_the_end_had_cut_off_goes_on_with_what_waited()
    {
        var desk = Desk.Started()
            .Do(Given.Add(Given.At(0), Given.Batch("a", 3) with { Options = new BatchOptions(1, Given.Plain, Writers.Single) { Timeout = TimeSpan.FromSeconds(60) } }))
            .Do(new StartAttempts(Given.At(1), 1))
            .Do(new Cancel(Given.At(2), "enough"))
            .Do(Retry());

        Assert.Equal(Given.At(160), desk.State.Batches[0].Deadline);
        Assert.Equal(3, desk.State.Batches[0].Ready(Given.At(100)));
        desk.Do(new StartAttempts(Given.At(101), 9)).Do(new ReportEnd(Given.At(102), Given.Attempt(0, 2), Given.Success(), 0));
        Assert.Equal(1, desk.Only<AttemptStarted>(new StartAttempts(Given.At(103), 9)).Index);
    }

    [Fact]
    public void Results_that_were_collected_are_collected_again()
    {
        var desk = Failed();
        desk.Store(new ResultsCollected(Given.At(3), 0, ObjectKey.Parse("out/all"), 1, null)).Do(Retry());

        Assert.Null(desk.State.Batches[0].Collected);
    }

    [Fact]
    public void What_cannot_be_retried_is_refused()
    {
        new Desk().Refused(Retry(), "NOT_STARTED");
        Desk.Started().Refused(Retry(), "RUNNING");
        Failed().Refused(Retry("c"), "NO_STEP");
        var succeeded = Desk.Started().Do(Given.Add(Given.At(0), Given.Batch("c", 1))).Do(new StartAttempts(Given.At(1), 1))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(), Given.Success(), 0)).Do(new Cancel(Given.At(3), "x"));
        Assert.Equal("No action of the step 'c' has failed.", succeeded.Refused(Retry("c"), "NOTHING_TO_RETRY"));
        Failed().Refused(Retry() with { Platform = Given.Platform with { ApiHost = "elsewhere" } }, "OTHER_PLATFORM");
        Desk.Started().Do(new Complete(Given.At(1), default, false)).Refused(Retry(), "NOTHING_TO_RETRY");
    }

    [Fact]
    public void What_failed_otherwise_than_by_an_action_is_asked_again() =>
        Assert.Equal(OrchestrationStatus.Running, Desk.Started().Do(new Fail(Given.At(1), new Failure("PIPELINE", "no"), null)).Do(Retry()).State.Status);

    [Fact]
    public void Whoever_closes_an_abandoned_one_need_not_wait()
    {
        var desk = new Desk().Do(Given.Start(Given.T0, Given.Pipeline("a")))
            .Do(Given.Add(Given.At(0), Given.Batch("a", 2, 1), fromPipeline: true)).Do(new StartAttempts(Given.At(1), 1))
            .Do(new Complete(Given.At(5), default, false) { Abandoned = true });

        Assert.Equal(OrchestrationStatus.Completed, desk.State.Status);
        Assert.Equal(AttemptOutcome.Cancelled, Assert.IsType<AttemptFailed>(desk.Log[^1].Facts[0]).Outcome);
    }
}
