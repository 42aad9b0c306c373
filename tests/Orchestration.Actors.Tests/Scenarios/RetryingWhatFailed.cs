using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>An orchestration that has ended goes on: what failed runs again, what succeeded stays, what follows runs.</summary>
public sealed class RetryingWhatFailed : OrchestrationScenario
{
    private bool _mended;

    protected override void Options(OrchestrationOptions options) => options.AddPipelines(new PlainPipelines(Next));

    [Fact]
    public async Task After_an_action_was_mended_only_what_failed_runs_again_and_what_follows()
    {
        var orchestration = await FailAsync();
        _mended = true;

        await Client.RetryAsync(orchestration.Id, cancellation: Soon);
        var end = await orchestration.WaitForEndAsync(Soon);

        Assert.Equal((OrchestrationStatus.Completed, "\"4\""), (end.Status, end.Output.ToString()));
        Assert.Equal(["0", "1", "1", "2", "follow"], Invoker.Invoked.Select(Called).Order());
        Assert.Equal([1, 2], Invoker.Invoked.Where(r => Called(r) == "1").Select(r => r.Attempt));
        var report = await ReportAsync(orchestration.Id);
        Assert.Equal(OrchestrationStatus.Completed, report.Status);
        Assert.Null(report.Error);
        Assert.Equal(["work", "follow"], report.Steps.Select(s => s.Id));
        Assert.All(report.Steps, s => Assert.Equal((StepStatus.Completed, 0), (s.Status, s.Failed)));
    }

    [Fact]
    public async Task One_that_fails_again_can_be_retried_again()
    {
        var orchestration = await FailAsync();
        await Client.RetryAsync(orchestration.Id, "work", Soon);
        Assert.Equal(OrchestrationStatus.Failed, (await orchestration.WaitForEndAsync(Soon)).Status);
        _mended = true;

        await Client.RetryAsync(orchestration.Id, "work", Soon);

        Assert.Equal(OrchestrationStatus.Completed, (await orchestration.WaitForEndAsync(Soon)).Status);
        Assert.Equal(2, (await FactsAsync(orchestration.Id)).OfType<OrchestrationReopened>().Count());
    }

    [Fact]
    public async Task It_is_unfinished_again_before_the_retry_is_acknowledged()
    {
        var orchestration = await FailAsync();
        await AwaitConditionAsync(async () => (await Client.GetUnfinishedAsync(Soon)).Entries.IsEmpty, Patience);
        Invoker.OnInvoke = _ => new TaskCompletionSource<InvokeReply>().Task;

        await Client.RetryAsync(orchestration.Id, cancellation: Soon);

        Assert.Equal([orchestration.Id], (await Client.GetUnfinishedAsync(Soon)).Entries.Keys);
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_a_retry_changes_nothing_of_what_comes_of_it()
    {
        var orchestration = await FailAsync();
        _mended = true;
        var stuck = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = _ => stuck.Task;
        await Client.RetryAsync(orchestration.Id, cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 4);
        await KillOrchestratorAsync();
        Invoker.OnInvoke = AnswerAsync;
        var ended = orchestration.WaitForEndAsync(Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => ended.IsCompleted);

        Assert.Equal((OrchestrationStatus.Completed, "\"4\""), ((await ended).Status, (await ended).Output.ToString()));
        var facts = await FactsAsync(orchestration.Id);
        Assert.Single(facts.OfType<OrchestrationReopened>());
        Assert.Equal([AttemptOutcome.Rejected, AttemptOutcome.Interrupted], facts.OfType<AttemptFailed>().Select(f => f.Outcome));
        Assert.Equal(["0", "1", "1", "1", "2", "follow"], Invoker.Invoked.Select(Called).Order());
    }

    [Fact]
    public async Task A_retry_that_is_refused_leaves_it_ended()
    {
        var orchestration = await FailAsync();

        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => Client.RetryAsync(orchestration.Id, "follow", Soon));

        Assert.Equal("NO_STEP", refused.Code);
        Assert.Equal(OrchestrationStatus.Failed, (await orchestration.WaitForEndAsync(Soon)).Status);
        await AwaitConditionAsync(async () => (await Client.GetUnfinishedAsync(Soon)).Entries.IsEmpty, Patience);
    }

    [Fact]
    public async Task What_was_cancelled_goes_on_where_it_was()
    {
        Invoker.OnInvoke = r => Called(r) == "1" && !_mended ? new TaskCompletionSource<InvokeReply>().Task : Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await AwaitConditionAsync(async () => (await FactsAsync(orchestration.Id)).OfType<AttemptSucceeded>().Count() == 2, Patience);
        await Client.CancelAsync(orchestration.Id, "enough", Soon);
        _mended = true;

        await Client.RetryAsync(orchestration.Id, cancellation: Soon);

        Assert.Equal(OrchestrationStatus.Completed, (await orchestration.WaitForEndAsync(Soon)).Status);
        Assert.Equal(["0", "1", "1", "2", "follow"], Invoker.Invoked.Select(Called).Order());
    }

    [Fact]
    public async Task An_abandoned_one_is_closed_with_what_it_has()
    {
        Invoker.OnInvoke = r => Called(r) == "1" ? new TaskCompletionSource<InvokeReply>().Task : Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await AwaitConditionAsync(async () => (await FactsAsync(orchestration.Id)).OfType<AttemptSucceeded>().Count() == 2, Patience);
        Assert.Equal("PIPELINE_DRIVEN", (await Assert.ThrowsAsync<OrchestrationException>(() => Client.CompleteAsync(orchestration.Id, JsonBytes.Null, Soon))).Code);

        await Client.CloseAbandonedAsync(orchestration.Id, JsonBytes.Null, Soon);

        var report = await ReportAsync(orchestration.Id);
        Assert.Equal((OrchestrationStatus.Completed, 2), (report.Status, report.Actions.Count(a => a.Success == true)));
        Assert.Equal(StepStatus.Cancelled, report.Steps[0].Status);
    }

    private static string Called(InvokeRequest request) => request.Name == "follow" ? "follow" : request.Parameters.ToString()[5..^1];

    private Task<InvokeReply> AnswerAsync(InvokeRequest request) =>
        Task.FromResult(Called(request) == "1" && !_mended ? ScriptedInvoker.Failed(AttemptOutcome.Rejected) : ScriptedInvoker.Succeeded(request.Parameters));

    private async Task<OrchestrationHandle> FailAsync()
    {
        Invoker.OnInvoke = AnswerAsync;
        var orchestration = await StartAsync(PlainPipelines.Definition);
        Assert.Equal(OrchestrationStatus.Failed, (await orchestration.WaitForEndAsync(Soon)).Status);
        return orchestration;
    }

    private async Task<OrchestrationReport> ReportAsync(OrchestrationId id)
    {
        var fold = new ReportFold(id);
        await foreach (var row in Client.ReadHistoryAsync(id, Soon))
            fold.Add(row.Commit);
        return fold.ToReport();
    }

    // Three actions, and one that follows when all of them have succeeded; it gets their results counted.
    private static PipelineDecision Next(PipelineView view)
    {
        if (!view.Batches.TryGetValue("work", out var work))
            return new PipelineDecision.Run([Batch("work", RetryPolicy.Default, [.. Echoes(3)])]);
        if (!work.Ended)
            return PipelineDecision.Wait;
        if (work.Failed > 0)
            return new PipelineDecision.Fail(new Failure("STEP_FAILED", "work failed"), "work");
        if (!view.Batches.TryGetValue("follow", out var follow))
            return work.Results is { } results
                ? new PipelineDecision.Run([Batch("follow", RetryPolicy.Default, new ActionSpec("follow", JsonBytes.Parse($$"""{"sum":{{results.Count(r => r.Success) + 1}}}""")))])
                : new PipelineDecision.NeedResults(["work"]);
        if (!follow.Ended)
            return PipelineDecision.Wait;
        return follow.Results is null ? new PipelineDecision.NeedResults(["follow"]) : new PipelineDecision.Complete(JsonBytes.FromString(follow.Results[0].Result.ToString()[7..^1]));
    }
}
