using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Pipelines;

/// <summary>
/// Makes the batches of one orchestration. Pure: the same view gives the same decision. It is asked at the start and whenever a batch has ended;
/// what it decides is stored with concrete actions, so that later changes of code never rewrite history.
/// </summary>
public interface IPipeline
{
    /// <summary>Says what comes next.</summary>
    /// <param name="view">The batches so far.</param>
    /// <returns>Batches to add (none: wait for those that run), results that it must see first, or the end.</returns>
    PipelineDecision Next(PipelineView view);
}

/// <summary>Reads stored pipelines of one kind.</summary>
public interface IPipelineFactory
{
    /// <summary>The kind, as in <see cref="PipelineDefinition.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>Reads a stored pipeline.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <returns>The pipeline, ready to be asked.</returns>
    /// <exception cref="FormatException">The source cannot be read; the message says where and why.</exception>
    IPipeline Create(PipelineDefinition definition);
}

/// <summary>The batches of an orchestration, by key.</summary>
/// <param name="Batches">Every sealed batch.</param>
public sealed record PipelineView(IReadOnlyDictionary<string, BatchView> Batches)
{
    /// <summary>Nothing has been added yet.</summary>
    public static PipelineView Empty { get; } = new(ImmutableDictionary<string, BatchView>.Empty);
}

/// <summary>One batch as a pipeline sees it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Count">How many actions it has.</param>
/// <param name="Succeeded">How many have succeeded.</param>
/// <param name="Failed">How many have failed for good.</param>
/// <param name="Results">The results in the order of the actions; null until the batch has ended and the pipeline has asked for them (<see cref="PipelineDecision.NeedResults"/>).</param>
public sealed record BatchView(string Key, int Count, int Succeeded, int Failed, IReadOnlyList<ActionResult>? Results)
{
    /// <summary>Whether every action has succeeded or failed for good.</summary>
    public bool Ended => Succeeded + Failed == Count;
}

/// <summary>What one action of a batch gave.</summary>
/// <param name="ActionId">Its id.</param>
/// <param name="Success">Whether it succeeded.</param>
/// <param name="Result">What it returned; JSON null when it failed.</param>
/// <param name="Failure">Why it failed; null when it succeeded.</param>
public sealed record ActionResult(ActionId ActionId, bool Success, JsonBytes Result, Failure? Failure);

/// <summary>What a pipeline wants next.</summary>
public abstract record PipelineDecision
{
    private PipelineDecision()
    {
    }

    /// <summary>Nothing until another batch ends.</summary>
    public static PipelineDecision Wait { get; } = new Run([]);

    /// <summary>Add these batches; each has a key of its own.</summary>
    /// <param name="Batches">The batches; none means wait.</param>
    public sealed record Run(ImmutableArray<BatchSpec> Batches) : PipelineDecision;

    /// <summary>Ask again with the results of these ended batches.</summary>
    /// <param name="Keys">Keys of ended batches whose <see cref="BatchView.Results"/> are null.</param>
    public sealed record NeedResults(ImmutableArray<string> Keys) : PipelineDecision;

    /// <summary>The orchestration is complete.</summary>
    /// <param name="Output">What it gives back.</param>
    public sealed record Complete(JsonBytes Output) : PipelineDecision;

    /// <summary>The orchestration has failed.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Step">The step that failed; null when no step did.</param>
    public sealed record Fail(Failure Failure, string? Step) : PipelineDecision;
}
