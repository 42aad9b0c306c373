using System.Collections.Immutable;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Actions;
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

    /// <inheritdoc />
    public PipelineDecision Next(PipelineView view)
    {
        lock (_evaluating)
            return Decide(view);
    }

    private PipelineDecision Decide(PipelineView view)
    {
        var added = file.Steps.Where(s => view.Batches.ContainsKey(s.Id)).Select(s => view.Batches[s.Id]).ToList();
        var allEnded = added.TrueForAll(b => b.Ended);
        if (added.Find(b => b.Failed > 0) is { } failed)
            return allEnded ? FailureOf(failed) : PipelineDecision.Wait;
        if (added.Count == file.Steps.Length && allEnded)
            return Complete(view);

        var ready = file.Steps.Where(s => !view.Batches.ContainsKey(s.Id) && s.DependsOn.All(d => view.Batches.TryGetValue(d, out var b) && b.Ended)).ToList();
        if (ready.Count == 0)
            return PipelineDecision.Wait;
        var uses = file.Steps.Select(s => s.Id).Where(id => ready.Exists(s => s.Uses.Contains(id))).ToList();
        return Unseen(view, uses) is { IsEmpty: false } unseen ? new PipelineDecision.NeedResults(unseen) : Start(ready, uses, view, allEnded);
    }

    private PipelineDecision Start(List<WorkflowStep> ready, List<string> uses, PipelineView view, bool allEnded)
    {
        var batches = ImmutableArray.CreateBuilder<BatchSpec>(ready.Count);
        Scope? scope = null;
        foreach (var step in ready)
        {
            try
            {
                scope ??= ScopeOf(uses, view);
                batches.Add(StepExpansion.Expand(step, scope));
            }
            catch (ExpressionException e)
            {
                // The steps that run already come to their end first, as they do when an action fails.
                return allEnded ? new PipelineDecision.Fail(new Failure(ExpressionCode, $"step '{step.Id}': {e.Message}"), step.Id) : PipelineDecision.Wait;
            }
        }

        return new PipelineDecision.Run(batches.MoveToImmutable());
    }

    private PipelineDecision Complete(PipelineView view)
    {
        if (file.OutputTemplate is not { } output)
            return new PipelineDecision.Complete(JsonBytes.Null);
        if (Unseen(view, file.OutputUses) is { IsEmpty: false } unseen)
            return new PipelineDecision.NeedResults(unseen);
        try
        {
            return new PipelineDecision.Complete(output.ToJson(ScopeOf(file.OutputUses, view)));
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
        var (first, index) = failed.Results.Select((r, i) => (r, i)).First(r => !r.r.Success);
        var what = failed.Count == 1 ? "failed" : $"failed for {failed.Failed} of {failed.Count} items; the first is item {index}";
        return new PipelineDecision.Fail(new Failure(first.Failure?.Code ?? StepFailedCode, $"step '{failed.Key}' {what}: {first.Failure?.Message ?? "no reason was given"}"), failed.Key);
    }

    private static ImmutableArray<string> Unseen(PipelineView view, IEnumerable<string> uses) => [.. uses.Where(id => view.Batches[id].Results is null)];

    private Scope ScopeOf(IEnumerable<string> uses, PipelineView view)
    {
        var scope = new Scope(parameters);
        foreach (var id in uses)
        {
            var results = view.Batches[id].Results!;
            var isList = file.Steps.First(s => s.Id == id).IsForEach;
            scope.AddStep(id, isList ? new JArray(results.Select(r => JsonTokens.Read(r.Result))) : JsonTokens.Read(results[0].Result));
        }

        return scope;
    }
}
