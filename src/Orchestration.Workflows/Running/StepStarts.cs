using System.Collections.Immutable;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Actions;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Workflows.Expressions;

namespace Orchestration.Workflows.Running;

/// <summary>Gathers what a run does next, step by step.</summary>
internal sealed class StepStarts(PipelineView view, StepStates states, Func<IEnumerable<string>, IReadOnlyList<string>, Scope> scopeOf)
{
    private readonly ImmutableArray<BatchSpec>.Builder _batches = ImmutableArray.CreateBuilder<BatchSpec>();
    private readonly ImmutableArray<SkippedStep>.Builder _skips = ImmutableArray.CreateBuilder<SkippedStep>();
    private readonly ImmutableArray<ItemsRequest>.Builder _expansions = ImmutableArray.CreateBuilder<ItemsRequest>();
    private readonly ImmutableArray<CollectRequest>.Builder _collections = ImmutableArray.CreateBuilder<CollectRequest>();

    /// <summary>Why a step can go no further; null when all can.</summary>
    public PipelineDecision.Fail? Problem { get; private set; }

    /// <summary>What there is to do; null when there is nothing.</summary>
    public PipelineDecision.Run? Decision =>
        _batches.Count + _skips.Count + _expansions.Count + _collections.Count == 0
            ? null
            : new PipelineDecision.Run(_batches.ToImmutable()) { Skips = _skips.ToImmutable(), Expansions = _expansions.ToImmutable(), Collections = _collections.ToImmutable() };

    /// <summary>Whether a step is to run; one that is not is skipped.</summary>
    public bool Wants(WorkflowStep step)
    {
        if (!step.DecidesItself && states.Obstacle(step) is { } obstacle)
        {
            _skips.Add(new SkippedStep(step.Id, obstacle));
            return false;
        }

        return step.When is null || Try(step, () => IsTrue(step));
    }

    /// <summary>Makes a step's batch, or asks for its items first.</summary>
    public void Start(WorkflowStep step) => Try(step, () =>
    {
        var scope = scopeOf(step.Uses, step.DependsOn);
        if (step.Items is not { } items)
            _batches.Add(StepExpansion.Expand(step, scope, null));
        else if (!view.Items.TryGetValue(step.Id, out var stored))
            _expansions.Add(StoragePlaces.Request(step.Id, items, scope));
        else if (stored.Failure is { } failure)
            Fail(step, failure.Code, failure.Message);
        else
            _batches.Add(StepExpansion.Expand(step, scope, stored));
        return true;
    });

    /// <summary>Asks for a step's results to be written.</summary>
    public void Collect(WorkflowStep step)
    {
        if (view.Uncollected.TryGetValue(step.Id, out var failure))
            Fail(step, failure.Code, failure.Message);
        else
            Try(step, () =>
            {
                _collections.Add(new CollectRequest(step.Id, StoragePlaces.Object(step.Collect!, "collect", scopeOf(step.Uses, step.DependsOn))));
                return true;
            });
    }

    private bool IsTrue(WorkflowStep step)
    {
        var value = step.When!.ToToken(scopeOf(step.WhenUses, step.DependsOn));
        if (value.Type != JTokenType.Boolean)
        {
            var what = $"gave {JsonTokens.Describe(value)}; when takes true or false. Compare the value, as in ${{{{ … != null }}}} with null in backquotes.";
            throw step.When is LoneTemplate lone ? lone.Expression.Problem(what) : new ExpressionException($"when {what}");
        }

        if (!(bool)value)
            _skips.Add(new SkippedStep(step.Id, "its condition is false"));
        return (bool)value;
    }

    private bool Try(WorkflowStep step, Func<bool> work)
    {
        try
        {
            return work();
        }
        catch (ExpressionException e)
        {
            Fail(step, WorkflowPipeline.ExpressionCode, e.Message);
            return false;
        }
    }

    private void Fail(WorkflowStep step, string? code, string message) =>
        Problem ??= new PipelineDecision.Fail(new Failure(code, $"step '{step.Id}': {message}"), step.Id);
}
