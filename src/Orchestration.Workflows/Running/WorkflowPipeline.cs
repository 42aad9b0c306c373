using System.Collections.Immutable;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Workflows.Expressions;

namespace Orchestration.Workflows.Running;

/// <summary>Decides what a run of a workflow does next: each step is one batch, whose key is the step's id.</summary>
internal sealed class WorkflowPipeline(WorkflowFile file, JsonBytes parameters) : IPipeline
{
    /// <summary>The code of a run that failed because an expression did.</summary>
    public const string ExpressionCode = "EXPRESSION";

    /// <summary>The code of a run whose failed action gave none.</summary>
    public const string StepFailedCode = "STEP_FAILED";

    // JmesPath.Net keeps the value under evaluation inside the compiled expressions, which this pipeline shares between its steps.
    private readonly Lock _evaluating = new();
    private readonly Dictionary<string, WorkflowStep> _steps = file.Steps.ToDictionary(s => s.Id, StringComparer.Ordinal);

    /// <inheritdoc />
    public IReadOnlyCollection<string> Secrets => file.Secrets;

    /// <inheritdoc />
    public PipelineDecision Next(PipelineView view)
    {
        lock (_evaluating)
            return Decide(view);
    }

    private PipelineDecision Decide(PipelineView view)
    {
        var states = new StepStates(file, view);
        var starts = new StepStarts(view, states, (uses, named) => ScopeOf(uses, named, view, states));
        var collecting = file.Steps.Where(s => view.Batches.TryGetValue(s.Id, out var batch) && StepStates.Collects(s, batch)).ToList();
        var ready = file.Steps.Where(states.IsReady).ToList();
        if (Unseen(view, [.. collecting.SelectMany(s => s.Uses), .. ready.SelectMany(s => s.WhenUses)]) is { IsEmpty: false } first)
            return new PipelineDecision.NeedResults(first);
        var wanted = ready.Where(starts.Wants).ToList();
        if (Unseen(view, [.. wanted.SelectMany(s => s.Uses)]) is { IsEmpty: false } further)
            return new PipelineDecision.NeedResults(further);
        collecting.ForEach(starts.Collect);
        if (starts.Problem is null)
            wanted.ForEach(starts.Start);

        // What runs comes to its end before the run fails; only steps that decide by themselves still start then.
        if (starts.Decision is { } run && starts.Problem is null)
            return run;
        if (IsAtWork(view, states, collecting))
            return PipelineDecision.Wait;
        return states.FirstFailed is { } failed ? FailureOf(view.Batches[failed.Id]) : starts.Problem ?? Complete(view, states);
    }

    private static bool IsAtWork(PipelineView view, StepStates states, List<WorkflowStep> collecting) =>
        view.Batches.Values.Any(b => !b.Ended) || (states.AnyRuns && collecting.Exists(s => !view.Uncollected.ContainsKey(s.Id)));

    private PipelineDecision Complete(PipelineView view, StepStates states)
    {
        if (file.OutputTemplate is not { } output)
            return new PipelineDecision.Complete(JsonBytes.Null);
        if (Unseen(view, file.OutputUses) is { IsEmpty: false } unseen)
            return new PipelineDecision.NeedResults(unseen);
        try
        {
            return new PipelineDecision.Complete(output.ToJson(ScopeOf(file.OutputUses, [.. _steps.Keys], view, states)));
        }
        catch (ExpressionException e)
        {
            return new PipelineDecision.Fail(new Failure(ExpressionCode, e.Message), null);
        }
    }

    private static PipelineDecision FailureOf(BatchView failed)
    {
        if (failed.Results is null)
            return new PipelineDecision.NeedResults([failed.Key]);
        var failures = failed.Results.Select((result, index) => (result.Failure, index, result.Success)).Where(r => !r.Success).ToList();
        var tried = failures.Where(f => f.Failure?.Code != Failure.FailFast).ToList();
        var (first, place, _) = tried[0];
        var notRun = failures.Count == tried.Count ? "" : $" ({failures.Count - tried.Count} more were not run)";
        var what = failed.Count == 1 ? "failed" : $"failed for {tried.Count} of {failed.Count} items{notRun}; the first is item {place}";
        return new PipelineDecision.Fail(new Failure(first?.Code ?? StepFailedCode, $"step '{failed.Key}' {what}: {first?.Message ?? "no reason was given"}"), failed.Key);
    }

    // Only a result of a batch must be read back: a step that was skipped has none, and of a collected one the key is known.
    private ImmutableArray<string> Unseen(PipelineView view, IEnumerable<string> uses) =>
        [.. uses.Distinct().Where(id => _steps[id].Collect is null && view.Batches.TryGetValue(id, out var batch) && batch.Results is null)];

    private Scope ScopeOf(IEnumerable<string> uses, IEnumerable<string> named, PipelineView view, StepStates states)
    {
        var scope = new Scope(parameters);
        var used = uses.ToHashSet(StringComparer.Ordinal);
        foreach (var id in named)
            scope.AddStep(id, states[id].ToString().ToLowerInvariant(), used.Contains(id) ? ResultOf(_steps[id], view) : null);
        return scope;
    }

    private static JToken ResultOf(WorkflowStep step, PipelineView view)
    {
        if (!view.Batches.TryGetValue(step.Id, out var batch))
            return JValue.CreateNull();
        if (step.Collect is not null)
            return batch.Collected is { } key ? new JValue(key.Value) : JValue.CreateNull();
        return step.IsForEach ? new JArray(batch.Results!.Select(r => JsonTokens.Read(r.Result))) : JsonTokens.Read(batch.Results![0].Result);
    }
}
