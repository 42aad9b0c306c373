using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

public sealed class DrivingPipelines : OrchestrationScenario
{
    private Func<PipelineView, PipelineDecision> _next = _ => PipelineDecision.Wait;

    protected override void Options(OrchestrationOptions options) =>
        options.AddPipelines(new PlainPipelines(view => _next(view)));

    [Fact]
    public async Task A_pipeline_fans_out_over_a_result_and_completes_with_an_output()
    {
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(r.Name == "split" ? JsonBytes.Parse("[1,2,3]") : r.Parameters));
        _next = view =>
        {
            if (!view.Batches.TryGetValue("split", out var split))
                return new PipelineDecision.Run([Batch("split", RetryPolicy.Default, new ActionSpec("split", JsonBytes.EmptyObject))]);
            if (!split.Ended)
                return PipelineDecision.Wait;
            if (!view.Batches.TryGetValue("work", out var work))
            {
                if (split.Results is null)
                    return new PipelineDecision.NeedResults(["split"]);
                using var items = split.Results[0].Result.ToDocument();
                return new PipelineDecision.Run([Batch("work", RetryPolicy.Default, [.. items.RootElement.EnumerateArray().Select(i => Echo(i.GetInt32()))])]);
            }

            return work.Ended ? new PipelineDecision.Complete(JsonBytes.Parse($"{work.Succeeded}")) : PipelineDecision.Wait;
        };
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = await orchestration.WaitForEndAsync(Soon);

        Assert.Equal((OrchestrationStatus.Completed, "3"), (end.Status, end.Output.ToString()));
        Assert.Equal(4, Invoker.Invoked.Count);
        var facts = await FactsAsync(orchestration.Id);
        Assert.IsType<OrchestrationCompleted>(facts[^1]);
    }

    [Fact]
    public async Task A_sequential_step_starts_in_the_row_that_holds_the_result_before_it()
    {
        const int steps = 5;
        _next = view =>
        {
            if (view.Batches.Values.Any(b => !b.Ended))
                return PipelineDecision.Wait;
            var n = view.Batches.Count;
            return n == steps
                ? new PipelineDecision.Complete(JsonBytes.Null)
                : new PipelineDecision.Run([Batch($"s{n}", RetryPolicy.Default, Echo(n))]);
        };
        var orchestration = await StartAsync(PlainPipelines.Definition);
        await orchestration.WaitForEndAsync(Soon);

        var rows = new List<StoredCommit>();
        await foreach (var row in Client.ReadHistoryAsync(orchestration.Id, Soon))
            rows.Add(row);
        Assert.Equal(steps - 1, rows.Count(r => r.Commit.Facts.OfType<AttemptSucceeded>().Any() && r.Commit.Facts.OfType<AttemptStarted>().Any()));
    }

    [Fact]
    public async Task A_pipeline_that_throws_fails_its_orchestration_with_the_reason()
    {
        _next = _ => throw new InvalidOperationException("bad step");
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = await orchestration.WaitForEndAsync(Soon);

        Assert.Equal((OrchestrationStatus.Failed, "PIPELINE"), (end.Status, end.Failure!.Code));
        Assert.Contains("bad step", end.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_of_an_unknown_kind_fails_with_what_to_do()
    {
        var orchestration = await StartAsync(PlainPipelines.Definition with { Kind = "other" });
        var end = await orchestration.WaitForEndAsync(Soon);

        Assert.Contains("'other'", end.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_goes_on_after_a_crash_with_results_read_from_the_journal()
    {
        var gate = new TaskCompletionSource();
        string? seen = null;
        Invoker.OnInvoke = async r =>
        {
            if (r.Name == "second" && r.Attempt == 1)
                await gate.Task;
            return ScriptedInvoker.Succeeded(JsonBytes.Parse($"\"{r.Name}\""));
        };
        _next = view =>
        {
            if (view.Batches.Count == 0)
                return new PipelineDecision.Run([Batch("first", RetryPolicy.Default, new ActionSpec("first", JsonBytes.EmptyObject))]);
            if (view.Batches.Values.Any(b => !b.Ended))
                return PipelineDecision.Wait;
            if (view.Batches.Count == 1)
                return new PipelineDecision.Run([Batch("second", RetryPolicy.Default, new ActionSpec("second", JsonBytes.EmptyObject))]);
            if (view.Batches["first"].Results is not { } results)
                return new PipelineDecision.NeedResults(["first"]);
            seen = results[0].Result.ToString();
            return new PipelineDecision.Complete(JsonBytes.Null);
        };
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var end = orchestration.WaitForEndAsync(Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 2);
        await KillOrchestratorAsync();
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => end.IsCompleted);

        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        Assert.Equal("\"first\"", seen);
        Assert.Equal(["first", "second", "second"], Invoker.Invoked.Select(i => i.Name));
    }

    [Fact]
    public async Task Batches_cannot_be_added_from_outside_to_an_orchestration_that_a_pipeline_runs()
    {
        var orchestration = await StartAsync(PlainPipelines.Definition);
        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon));
        Assert.Equal("PIPELINE_DRIVEN", refused.Code);
    }
}
