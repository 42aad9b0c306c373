using System.Text;
using System.Text.Json;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Reports;

public class ReportTests
{
    private static OrchestrationReport Of(Desk desk) => OrchestrationReport.From(Given.Id, desk.Log);

    private static Desk Driven(params string[] steps) => new Desk().Do(Given.Start(Given.T0, Given.Pipeline(steps)));

    private static Desk Batch(Desk desk, string key, int count, double at) => desk.Do(Given.Add(Given.At(at), Given.Batch(key, count), fromPipeline: true));

    private static ActivationTiming Ran(double from, double to) => new(Given.At(from), Given.At(to));

    /// <summary>Two steps; the first one's second action succeeds at its second attempt.</summary>
    private static Desk Pipeline() => Batch(Driven("split", "combine", "never"), "split", 2, 0)
        .Do(new StartAttempts(Given.At(1), 2))
        .Do(new ReportAccepted(Given.At(2), Given.Attempt(1), "act-2"))
        .Do(new ReportEnd(Given.At(4), Given.Attempt(0), Given.Success("""{"parts":2}""", "act-1", Ran(1.5, 3.5), Given.Objects([Given.Access("in/clip", 100, 2)], [Given.Access("mid/a", 40, 3)])), 0))
        .Do(new ReportEnd(Given.At(5), Given.Attempt(1), Given.Failure(AttemptOutcome.Timeout, "TIMEOUT", "too slow"), 0))
        .Do(new StartAttempts(Given.At(6.5), 2))
        .Do(new ReportEnd(Given.At(8), Given.Attempt(1, 2), Given.Success("2", "act-3", null, Given.Objects([Given.Access("in/clip", 100, 7)], [Given.Access("mid/b", 50, 7.5)])), 0));

    private static Desk Whole()
    {
        var desk = Pipeline().Do(Given.Add(Given.At(8), Given.Batch("combine", 1), fromPipeline: true, Given.FirstId.Plus(16))).Do(new StartAttempts(Given.At(8), 1));
        var objects = Given.Objects([Given.Access("mid/a", 40, 9), Given.Access("mid/b", 50, 10)], [Given.Access("out/film", 80, 11)], [Given.Access("in/gone", 0, 9)]);
        return desk.Do(new ReportEnd(Given.At(12), Given.Attempt(0, 1, 1), Given.Success("{}", "act-4", Ran(8.5, 11.75), objects), 0))
            .Do(new Complete(Given.At(13), JsonBytes.Parse("\"film\""), true));
    }

    [Fact]
    public void A_whole_run_is_written_as_the_golden_file_has_it()
    {
        var golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "report.v1.json"));
        using var document = JsonDocument.Parse(golden);
        Assert.Equal(JsonBytes.From(document.RootElement).ToString(), Encoding.UTF8.GetString(ReportJson.ToUtf8(Of(Whole()))));
    }

    [Fact]
    public void Times_sum_up_over_all_attempts_the_platforms_time_before_our_own()
    {
        var report = Of(Whole());
        Assert.Equal(TimeSpan.FromSeconds(13), report.TimeTaken);
        Assert.Equal(TimeSpan.FromSeconds(2 + 4 + 1.5 + 3.25), report.ActionTimeTaken);
        var attempts = report.Actions[1].Attempts;
        Assert.Equal((Given.At(1), Given.At(5), 1.0), (attempts[0].Start, attempts[0].End, attempts[0].Queued.TotalSeconds));
        Assert.Equal((Given.At(6.5), Given.At(8), 0.5), (attempts[1].Start, attempts[1].End, attempts[1].Queued.TotalSeconds));
        Assert.Equal((Given.At(1.5), Given.At(3.5)), (report.Actions[0].Attempts[0].Start, report.Actions[0].Attempts[0].End));
        Assert.Equal(["act-2", "act-3"], attempts.Select(a => a.ActivationId));
    }

    [Fact]
    public void Totals_are_sums()
    {
        var report = Of(Whole());
        Assert.Equal(new ReportTotals(3, 4, 1, 0, 3, 290, 3, 170), report.Totals);
        Assert.Equal([(100L, 40L), (100L, 50L), (90L, 80L)], report.Actions.Select(a => (a.BytesRead, a.BytesWritten)));
    }

    [Fact]
    public void The_input_is_what_was_read_and_never_written() => Assert.Equal(100, Of(Whole()).InputSize);

    [Fact]
    public void Of_several_inputs_the_one_whose_last_read_is_earliest_counts()
    {
        var report = Single(Given.Objects([Given.Access("in/a", 1, 1), Given.Access("in/b", 2, 2), Given.Access("in/a", 1, 3), Given.Access("in/c", 3, 2.5)]));
        Assert.Equal(2, report.InputSize);
        Assert.Null(Single(Given.Objects(writes: [Given.Access("in/a", 1, 1)])).InputSize);
        Assert.Null(Single(Given.Objects([Given.Access("in/a", 1, 2)], [Given.Access("in/a", 1, 1)])).InputSize);
        Assert.Null(Single(ObjectReport.None).InputSize);
    }

    [Fact]
    public void An_object_lives_from_its_first_write_to_its_last_read()
    {
        var usage = Assert.Single(Single(Given.Objects(
            [Given.Access("b/o", 7, 5), Given.Access("b/o", 9, 8), Given.Access("b/o", 8, 6)],
            [Given.Access("b/o", 30, 4), Given.Access("b/o", 10, 2), Given.Access("b/o", 20, 3)])).Objects);
        Assert.Equal((Given.At(2), Given.At(8), 30L, 9L), (usage.PutTime, usage.GetTime, usage.PutSize, usage.GetSize));
        Assert.Equal((6.0, 18.0), (usage.Lifetime!.Value.TotalSeconds, usage.OrchestrationLifetime!.Value.TotalSeconds));
    }

    [Fact]
    public void An_object_only_read_or_only_written_has_the_times_it_can_have()
    {
        var objects = Single(Given.Objects([Given.Access("b/read", 7, 5)], [Given.Access("b/written", 3, 4)])).Objects;
        Assert.Equal((null, Given.At(5), null, 7L, null, null), (objects[0].PutTime, objects[0].GetTime, objects[0].PutSize, objects[0].GetSize, objects[0].Lifetime, objects[0].OrchestrationLifetime));
        Assert.Equal((Given.At(4), null, 3L, null, null, 16.0), (objects[1].PutTime, objects[1].GetTime, objects[1].PutSize, objects[1].GetSize, objects[1].Lifetime, objects[1].OrchestrationLifetime?.TotalSeconds));
        Assert.Empty(objects[0].Writers);
        Assert.Empty(objects[1].Readers);
    }

    [Fact]
    public void Writers_and_readers_are_distinct_and_in_the_order_of_their_first_access()
    {
        var desk = Batch(Driven(), "a", 3, 0).Do(new StartAttempts(Given.At(0), 3));
        foreach (var (index, times) in new[] { (2, new[] { 3.0, 9.0 }), (0, [5.0]), (1, [7.0, 1.0]) })
            desk.Do(new ReportEnd(Given.At(10), Given.Attempt(index), Given.Success(objects: Given.Objects(writes: [.. times.Select(t => Given.Access("b/o", 1, t))])), 0));
        Assert.Equal([1, 2, 0], Of(desk).Objects[0].Writers.Select(w => Array.IndexOf([Given.FirstId, Given.FirstId.Plus(1), Given.FirstId.Plus(2)], w)));
    }

    [Fact]
    public void Sizes_do_not_depend_on_the_order_in_which_attempts_ended()
    {
        var accesses = new[] { Given.Access("b/o", 1, 3), Given.Access("b/o", 2, 2), Given.Access("b/o", 3, 1) };
        foreach (var order in new int[][] { [0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2] })
        {
            var usage = Single(Given.Objects([.. order.Select(i => accesses[i])], [.. order.Select(i => accesses[i])])).Objects[0];
            Assert.Equal((1L, 1L, Given.At(1), Given.At(3)), (usage.PutSize, usage.GetSize, usage.PutTime, usage.GetTime));
        }
    }

    [Fact]
    public void Clocks_that_disagree_give_no_negative_span()
    {
        var desk = Batch(Driven(), "a", 1, 0).Do(new StartAttempts(Given.At(0), 1))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(), Given.Success(timing: Ran(5, 4), objects: Given.Objects([Given.Access("b/o", 1, 1)], [Given.Access("b/o", 1, 90)])), 0))
            .Do(new Complete(Given.At(-1), JsonBytes.Null, true));
        var report = Of(desk);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), (report.TimeTaken, report.ActionTimeTaken, report.Actions[0].Attempts[0].Duration));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (report.Objects[0].Lifetime, report.Objects[0].OrchestrationLifetime));
    }

    [Fact]
    public void A_run_that_goes_on_is_reported_up_to_its_latest_fact()
    {
        var report = Of(Pipeline());
        Assert.Equal((OrchestrationStatus.Running, null, 8.0), (report.Status, report.FinishedAt, report.TimeTaken.TotalSeconds));
        Assert.Equal(5.0, report.Objects.Single(o => o.Object.Value == "mid/a").OrchestrationLifetime!.Value.TotalSeconds);
        Assert.Equal(
            [("split", StepStatus.Completed, 2, 0), ("combine", StepStatus.Waiting, 0, 0), ("never", StepStatus.Waiting, 0, 0)],
            report.Steps.Select(s => (s.Id, s.Status, s.Items, s.Failed)));
    }

    [Fact]
    public void An_action_that_is_not_done_has_no_success_yet_and_its_attempt_no_end()
    {
        var desk = Batch(Driven("a"), "a", 3, 0).Do(new StartAttempts(Given.At(1), 2)).Do(new ReportEnd(Given.At(2), Given.Attempt(0), Given.Failure(code: "E"), 0));
        var report = Of(desk);
        Assert.All(report.Actions, a => Assert.Equal((null, JsonBytes.Null, JsonBytes.Null), (a.Success, a.Result, a.Error)));
        Assert.Equal("""{"code":"E","message":"no","meta":null}""", report.Actions[0].Attempts[0].Error.ToString());
        var open = Assert.Single(report.Actions[1].Attempts);
        Assert.Equal((Given.At(1), null, null, null), (open.Start, open.End, open.Duration, open.Outcome));
        Assert.Empty(report.Actions[2].Attempts);
        Assert.Equal(StepStatus.Running, Assert.Single(report.Steps).Status);
        Assert.Equal(TimeSpan.FromSeconds(1), report.ActionTimeTaken);
    }

    [Fact]
    public void Late_outcomes_do_not_count()
    {
        var desk = Pipeline();
        var before = ReportJson.ToUtf8(Of(Whole()));
        desk.Do(new ReportEnd(Given.At(8), Given.Attempt(1), Given.Success("9", objects: Given.Objects(writes: [Given.Access("b/late", 1, 1)])), 0));
        Assert.Equal(Of(Pipeline()).Totals, Of(desk).Totals);
        Assert.Equal(before, ReportJson.ToUtf8(Of(Whole().Do(new ReportEnd(Given.At(99), Given.Attempt(1), Given.Success(), 0)))));
    }

    [Fact]
    public void A_batch_that_was_never_sealed_is_left_out()
    {
        var desk = Desk.Started().Store(new ActionsAdded(Given.At(1), 0, 0, Given.FirstId, [Given.Action()]));
        Assert.Empty(Of(desk).Actions);
        desk.Do(Given.Add(Given.At(2), Given.Batch("a", 1)));
        Assert.Equal([("a", 1)], Of(desk).Steps.Select(s => (s.Id, s.Items)));
    }

    [Fact]
    public void Batches_that_a_pipeline_did_not_name_come_behind_its_steps_in_their_order()
    {
        var desk = Batch(Batch(Batch(Driven("b"), "y", 0, 1), "b", 0, 2), "x", 0, 3);
        Assert.Equal(["b", "y", "x"], Of(desk).Steps.Select(s => s.Id));
        Assert.Equal(["first", "second"], Of(Desk.Started().Do(Given.Add(Given.At(1), Given.Batch("first", 0))).Do(Given.Add(Given.At(1), Given.Batch("second", 0)))).Steps.Select(s => s.Id));
    }

    [Fact]
    public void A_failed_run_tells_why_and_where()
    {
        var desk = Batch(Driven("a", "b", "c"), "a", 2, 0).Do(new StartAttempts(Given.At(0), 2))
            .Do(new ReportEnd(Given.At(1), Given.Attempt(0), Given.Failure(AttemptOutcome.Rejected, "404", "no such action"), 0))
            .Do(new ReportEnd(Given.At(2), Given.Attempt(1), Given.Success("1"), 0))
            .Do(new Fail(Given.At(3), new Failure("STEP_FAILED", "1 of 2 failed"), "a"));
        var report = Of(desk);
        Assert.Equal((OrchestrationStatus.Failed, new ReportError("STEP_FAILED", "1 of 2 failed", "a")), (report.Status, report.Error));
        Assert.Equal([("a", StepStatus.Failed, 1), ("b", StepStatus.Skipped, 0), ("c", StepStatus.Skipped, 0)], report.Steps.Select(s => (s.Id, s.Status, s.Failed)));
        Assert.Equal([(false, "null"), (true, "1")], report.Actions.Select(a => (a.Success!.Value, a.Result.ToString())));
        Assert.Equal("""{"code":"404","message":"no such action","meta":null}""", report.Actions[0].Error.ToString());
    }

    [Fact]
    public void A_step_that_failed_before_it_had_actions_has_failed_and_one_beside_it_is_cancelled()
    {
        var desk = Batch(Driven("a", "b"), "a", 1, 0).Do(new StartAttempts(Given.At(0), 1)).Do(new Fail(Given.At(3), new Failure("E", "bad expression"), "b"));
        Assert.Equal([("a", StepStatus.Cancelled, 1), ("b", StepStatus.Failed, 0)], Of(desk).Steps.Select(s => (s.Id, s.Status, s.Failed)));
        Assert.Equal(AttemptOutcome.Cancelled, Of(desk).Actions[0].Attempts[0].Outcome);
    }

    [Fact]
    public void A_cancelled_run_cancels_the_steps_that_had_not_ended()
    {
        var desk = Batch(Batch(Driven("a", "b", "c"), "a", 0, 0), "b", 2, 0).Do(new StartAttempts(Given.At(1), 1)).Do(new Cancel(Given.At(2), "enough"));
        var report = Of(desk);
        Assert.Equal(new ReportError("CANCELLED", "enough", null), report.Error);
        Assert.Equal([StepStatus.Completed, StepStatus.Cancelled, StepStatus.Cancelled], report.Steps.Select(s => s.Status));
        Assert.Equal([false, null], report.Actions.Select(a => a.Success));
    }

    [Fact]
    public void A_completed_run_skipped_the_steps_it_did_not_need() =>
        Assert.Equal([StepStatus.Skipped], Of(Driven("a").Do(new Complete(Given.At(1), JsonBytes.Null, true))).Steps.Select(s => s.Status));

    [Fact]
    public void Facts_without_a_start_make_no_report()
    {
        Assert.Contains(Given.Id.Value, Assert.Throws<InvalidOperationException>(() => OrchestrationReport.From(Given.Id, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Commits_are_read_once_and_one_by_one()
    {
        var log = Whole().Log;
        var read = 0;
        var fold = new ReportFold(Given.Id);
        var running = 0;
        foreach (var commit in log)
        {
            fold.Add(commit);
            running += fold.ToReport().Status == OrchestrationStatus.Running ? 1 : 0;
        }

        Assert.Equal(log.Count - 1, running);
        Assert.Equal(ReportJson.ToUtf8(fold.ToReport()), ReportJson.ToUtf8(OrchestrationReport.From(Given.Id, Counted())));
        Assert.Equal(log.Count, read);

        IEnumerable<Commit> Counted()
        {
            foreach (var commit in log)
            {
                read++;
                yield return commit;
            }
        }
    }

    [Fact]
    public void Fifty_thousand_actions_are_reported_in_a_pass()
    {
        const int count = 50_000;
        var facts = new List<Fact>
        {
            new OrchestrationStarted(Given.T0, Given.Id, "big", Given.Platform, null, JsonBytes.Null),
            new ActionsAdded(Given.T0, 0, 0, Given.FirstId, [.. Enumerable.Repeat(Given.Action(), count)]),
            new BatchSealed(Given.T0, 0, "a", "h", count, Actions.BatchOptions.Default),
        };
        for (var i = 0; i < count; i++)
        {
            facts.Add(new AttemptStarted(Given.At(1), 0, i, Given.FirstId.Plus(i), 1, TimeSpan.Zero));
            facts.Add(new AttemptSucceeded(Given.At(2), 0, i, 1, "a", Ran(1, 2), JsonBytes.EmptyObject, Given.Objects([Given.Access("in/clip", 1, 1)], [Given.Access($"out/{i}", 2, 2)])));
        }

        var report = OrchestrationReport.From(Given.Id, facts.Chunk(100).Select(c => new Commit([.. c])));
        Assert.Equal(new ReportTotals(count, count, 0, 0, 1, count, count, 2 * count), report.Totals);
        Assert.Equal(TimeSpan.FromSeconds(count), report.ActionTimeTaken);
        Assert.Equal(count, report.Objects[0].Readers.Length);
        using var document = JsonDocument.Parse(ReportJson.ToUtf8(report));
        Assert.Equal(count, document.RootElement.GetProperty("actions").GetArrayLength());
    }

    /// <summary>One action that did this with objects, in a run of 20 s.</summary>
    private static OrchestrationReport Single(ObjectReport objects) => Of(Batch(Driven(), "a", 1, 0)
        .Do(new StartAttempts(Given.At(0), 1))
        .Do(new ReportEnd(Given.At(10), Given.Attempt(), Given.Success(objects: objects), 0))
        .Do(new Complete(Given.At(20), JsonBytes.Null, true)));
}
