using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
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

    /// <summary>The names of the secrets that its actions refer to; a run is started only where all of them have values.</summary>
    IReadOnlyCollection<string> Secrets => [];
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
    /// <summary>The steps that the pipeline has passed over (<see cref="PipelineDecision.Run.Skips"/>).</summary>
    public IReadOnlySet<string> Skipped { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>What the object store gave for the requests of <see cref="PipelineDecision.Run.Expansions"/>, by step, until the step's batch is added.</summary>
    public IReadOnlyDictionary<string, ExpandedItems> Items { get; init; } = ImmutableDictionary<string, ExpandedItems>.Empty;

    /// <summary>Why the requests of <see cref="PipelineDecision.Run.Collections"/> failed that did, by step.</summary>
    public IReadOnlyDictionary<string, Failure> Uncollected { get; init; } = ImmutableDictionary<string, Failure>.Empty;

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

    /// <summary>Where its results were written (<see cref="PipelineDecision.Run.Collections"/>); null when they were not.</summary>
    public ObjectKey? Collected { get; init; }
}

/// <summary>The items that a step asked the object store for.</summary>
/// <param name="Items">The items; empty when it failed.</param>
/// <param name="Source">From what they were read; null when it failed.</param>
/// <param name="Failure">Why there are none; null when there are.</param>
public sealed record ExpandedItems(IReadOnlyList<JsonBytes> Items, ItemSource? Source, Failure? Failure);

/// <summary>Asks for the items of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Kind">How the store gives them.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's key for lines; what keys begin with, also empty, for objects.</param>
/// <param name="LinesAreJson">Whether each line is a JSON value; else it is a text.</param>
public sealed record ItemsRequest(string Step, ItemKind Kind, string Bucket, string Key, bool LinesAreJson);

/// <summary>Asks to write the results of an ended batch to the object store.</summary>
/// <param name="Step">The batch's key.</param>
/// <param name="Target">Where to.</param>
public sealed record CollectRequest(string Step, ObjectKey Target);

/// <summary>A step that is passed over.</summary>
/// <param name="Step">The step.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record SkippedStep(string Step, string Reason);

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

    /// <summary>Add these batches, each with a key of its own, and do what else is asked for. Nothing of it all means wait.</summary>
    /// <param name="Batches">The batches.</param>
    public sealed record Run(ImmutableArray<BatchSpec> Batches) : PipelineDecision
    {
        /// <summary>Steps to pass over; the pipeline is asked again at once.</summary>
        public ImmutableArray<SkippedStep> Skips { get; init; } = [];

        /// <summary>Items to read from the object store; the pipeline is asked again with them. A request that is under way is not started again.</summary>
        public ImmutableArray<ItemsRequest> Expansions { get; init; } = [];

        /// <summary>Results to write to the object store; the pipeline is asked again when that is done. A request that is under way is not started again.</summary>
        public ImmutableArray<CollectRequest> Collections { get; init; } = [];
    }

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
