using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

/// <summary>Batches that fail fast or have a timeout, steps that are passed over, results that are collected.</summary>
public class CloseTests
{
    private static readonly RetryPolicy Once = Given.Plain with { Retries = 0 };

    private static BatchSpec FailingFast(int count, RetryPolicy? retry = null) =>
        Given.Batch("a", count) with { Options = new BatchOptions(2, retry ?? Once, Writers.Single) { FailFast = true } };

    private static BatchSpec Bounded(int count, double seconds, RetryPolicy? retry = null) =>
        Given.Batch("a", count) with { Options = new BatchOptions(2, retry ?? Given.Plain, Writers.Single) { Timeout = TimeSpan.FromSeconds(seconds) } };

    [Fact]
    public void A_batch_that_fails_fast_closes_what_has_not_run_and_ends_with_what_runs()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, FailingFast(5)))
            .Do(new StartAttempts(Given.T0, 9))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(1), Given.Failure(), 0));

        Assert.Empty(desk.Decide(new StartAttempts(Given.At(1), 9)).Facts);
        Assert.Equal(0, desk.State.Startable(Given.At(1)));
        var closed = desk.Only<ActionsClosed>(new CloseBatches(Given.At(1)));
        Assert.Equal([new IndexRange(2, 3)], closed.Ranges);
        Assert.Equal(Failure.FailFast, closed.Failure.Code);
        desk.Do(new CloseBatches(Given.At(1)));
        Assert.Empty(desk.Decide(new CloseBatches(Given.At(2))).Facts);
        Assert.False(desk.State.Batches[0].Ended);

        desk.Do(new ReportEnd(Given.At(3), Given.Attempt(0), Given.Success(), 0));
        Assert.True(desk.State.Batches[0].Ended);
        Assert.Equal((1, 4), (desk.State.Batches[0].Succeeded, desk.State.Batches[0].Failed));
    }

    [Fact]
    public void A_batch_that_has_failed_retries_nothing_that_still_runs()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, FailingFast(2, Given.Plain)))
            .Do(new StartAttempts(Given.T0, 9))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(1), Given.Failure(AttemptOutcome.Rejected), 0));

        var facts = desk.Decide(new ReportEnd(Given.At(2), Given.Attempt(0), Given.Failure(), 0)).Facts;

        Assert.Null(Assert.IsType<AttemptFailed>(facts[0]).RetryAt);
        Assert.IsType<BatchEnded>(facts[1]);
    }

    [Fact]
    public void Without_failFast_the_others_go_on()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, Given.Batch("a", 5, 2, Once)))
            .Do(new StartAttempts(Given.T0, 9))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(1), Given.Failure(), 0));

        Assert.Empty(desk.Decide(new CloseBatches(Given.At(1))).Facts);
        Assert.IsType<AttemptStarted>(Assert.Single(desk.Decide(new StartAttempts(Given.At(1), 9)).Facts));
    }

    [Fact]
    public void A_batch_is_closed_when_its_time_is_up()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, Bounded(4, 10)))
            .Do(new StartAttempts(Given.T0, 9))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(0), Given.Success(), 0));

        Assert.Equal(Given.At(10), desk.State.NextDue(Given.At(2)));
        var run = Effects.Run(desk.State, 0, 1);
        Assert.Equal((Given.At(10), true), (run.Deadline!.Value, run.IsBatchDeadline));
        Assert.Empty(desk.Decide(new CloseBatches(Given.At(9.9))).Facts);
        var closed = desk.Only<ActionsClosed>(new CloseBatches(Given.At(10)));
        Assert.Equal([new IndexRange(2, 2)], closed.Ranges);
        Assert.Equal((Failure.StepTimeout, true), (closed.Failure.Code, closed.Failure.Message.Contains("00:00:10", StringComparison.Ordinal)));

        desk.Do(new CloseBatches(Given.At(10))).Do(new ReportEnd(Given.At(10), Given.Attempt(1), Given.Failure(AttemptOutcome.Timeout), 0));
        Assert.True(desk.State.Batches[0].Ended);
        Assert.Null(desk.State.NextDue(Given.At(1)));
    }

    [Fact]
    public void A_batch_whose_actions_all_wait_ends_when_its_time_is_up()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, Bounded(1, 10)))
            .Do(new StartAttempts(Given.T0, 9))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(), Given.Failure(AttemptOutcome.Throttled), 0.99));

        desk.Do(new CloseBatches(Given.At(10)));

        Assert.True(desk.State.Batches[0].Ended);
        Assert.Empty(desk.State.Active);
        var report = OrchestrationReport.From(Given.Id, desk.Log);
        Assert.Equal((false, 1), (report.Actions[0].Success!.Value, report.Steps[0].Failed));
        Assert.Contains(Failure.StepTimeout, report.Actions[0].Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_retry_is_set_behind_the_batchs_time()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, Bounded(1, 10))).Do(new StartAttempts(Given.T0, 9));

        var facts = desk.Decide(new ReportEnd(Given.At(9.5), Given.Attempt(), Given.Failure(), 0)).Facts;

        Assert.Null(Assert.IsType<AttemptFailed>(facts[0]).RetryAt);
        Assert.IsType<BatchEnded>(facts[1]);
    }

    [Fact]
    public void The_attempts_own_deadline_counts_where_it_is_earlier()
    {
        var desk = Desk.Started().Do(Given.Add(Given.T0, Bounded(1, 10, Given.Plain with { AttemptTimeout = TimeSpan.FromSeconds(3) }))).Do(new StartAttempts(Given.T0, 9));

        var run = Effects.Run(desk.State, 0, 0);

        Assert.Equal((Given.At(3), false), (run.Deadline!.Value, run.IsBatchDeadline));
    }

    [Fact]
    public void A_timeout_must_be_above_zero_and_within_a_year() =>
        Assert.All(new double[] { 0, -1, 366 * 86_400.0 }, seconds => Assert.Contains("timeout", Desk.Started().Refused(Given.Add(Given.T0, Bounded(1, seconds)), "BAD_TIMEOUT"), StringComparison.Ordinal));

    [Fact]
    public void A_skipped_step_is_skipped_once_and_reported_with_its_reason()
    {
        var desk = new Desk().Do(Given.Start(Given.T0, Given.Pipeline("a", "b"))).Do(new SkipStep(Given.At(1), "b", "its condition is false"));

        Assert.Equal(Decision.Nothing, desk.Decide(new SkipStep(Given.At(2), "b", "again")));
        Assert.Contains("b", desk.State.Skipped);
        var step = OrchestrationReport.From(Given.Id, desk.Log).Steps[1];
        Assert.Equal((StepStatus.Skipped, "its condition is false"), (step.Status, step.Reason));
    }

    [Fact]
    public void A_step_that_runs_cannot_be_skipped() =>
        Assert.Equal(Decision.Nothing, Desk.Started().Do(Given.Add(Given.T0, Given.Batch("a", 1))).Decide(new SkipStep(Given.At(1), "a", "late")));

    [Fact]
    public void Results_are_collected_once_when_the_batch_has_ended()
    {
        var written = new ObjectInfo(ObjectKey.Parse("out/all.jsonl"), 12, "tag", Given.At(5));
        var desk = Desk.Started().Do(Given.Add(Given.T0, Given.Batch("a", 1)));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCollected(Given.At(1), "a", written)));
        desk.Do(new StartAttempts(Given.T0, 1)).Do(new ReportEnd(Given.At(2), Given.Attempt(), Given.Success(), 0));

        Assert.Equal(new ResultsCollected(Given.At(3), 0, written.Key, 12, "tag"), desk.Only<ResultsCollected>(new ReportCollected(Given.At(3), "a", written)));
        desk.Do(new ReportCollected(Given.At(3), "a", written));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCollected(Given.At(4), "a", written)));
        Assert.Equal(Decision.Nothing, desk.Decide(new ReportCollected(Given.At(4), "other", written)));
        Assert.Equal(written.Key, OrchestrationReport.From(Given.Id, desk.Log).Steps[0].Collected);
    }

    [Fact]
    public void What_a_batch_was_made_from_is_stored_with_it_and_changes_no_hash()
    {
        var plain = Given.Batch("a", 1);
        var batch = plain with { Source = new ItemSource(ItemKind.Lines, "in/names.txt", 12, "tag") };
        var desk = Desk.Started().Do(Given.Add(Given.T0, batch));

        Assert.Equal(BatchHash.Of(plain), BatchHash.Of(batch));
        Assert.Equal(batch.Source, OrchestrationReport.From(Given.Id, desk.Log).Steps[0].Source);
    }

    [Fact]
    public void Options_and_secrets_are_part_of_the_hash()
    {
        var batch = Given.Batch("a", 1);
        string[] hashes =
        [
            BatchHash.Of(batch),
            BatchHash.Of(FailingFast(1)),
            BatchHash.Of(Bounded(1, 1)),
            BatchHash.Of(Bounded(1, 2)),
            BatchHash.Of(batch with { Actions = [batch.Actions[0] with { Secrets = [new SecretReference("/x", 0, "KEY")] }] }),
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }
}
