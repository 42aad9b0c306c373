using System.Collections.Immutable;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Turns what an orchestration's pipeline decides into commands. Gives it the results that it asks for, from memory where they are.</summary>
internal sealed class PipelineDriver(IPipeline pipeline, ResultCache cache)
{
    /// <summary>What the pipeline wants next.</summary>
    /// <param name="Decision">Its decision; null when results must be read from the journal first.</param>
    /// <param name="Missing">The batches whose results must be read.</param>
    internal readonly record struct Outcome(PipelineDecision? Decision, ImmutableArray<int> Missing);

    /// <summary>Asks the pipeline.</summary>
    /// <param name="state">The orchestration.</param>
    /// <param name="loaded">Results that were read from the journal, by batch.</param>
    /// <param name="items">What the object store gave, by step.</param>
    /// <param name="uncollected">Why results could not be written to it, by step.</param>
    /// <returns>Its decision, or what must be read first.</returns>
    public Outcome Ask(
        OrchestrationState state,
        IReadOnlyDictionary<int, IReadOnlyList<ActionResult>> loaded,
        IReadOnlyDictionary<string, ExpandedItems> items,
        IReadOnlyDictionary<string, Failure> uncollected)
    {
        var views = new Dictionary<string, BatchView>(state.Keys.Count);
        foreach (var (key, number) in state.Keys)
        {
            var batch = state.Batches[number];
            views.Add(key, new BatchView(key, batch.Actions.Count, batch.Succeeded, batch.Failed, loaded.GetValueOrDefault(number)) { Collected = batch.Collected });
        }

        // A pipeline asks for results at most once per batch: more rounds than batches means that it goes in circles.
        for (var round = 0; round <= state.Keys.Count; round++)
        {
            PipelineDecision decision;
            try
            {
                decision = pipeline.Next(new PipelineView(views) { Skipped = state.Skipped, Items = items, Uncollected = uncollected });
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return Failed($"The pipeline failed to decide: {e.Message}");
            }

            if (decision is not PipelineDecision.NeedResults need)
                return new Outcome(decision, []);
            var missing = ImmutableArray.CreateBuilder<int>();
            foreach (var key in need.Keys)
            {
                if (!state.Keys.TryGetValue(key, out var number) || !state.Batches[number].Ended)
                    return Failed($"The pipeline asked for the results of '{key}', which has not ended.");
                if (FromCache(state.Batches[number]) is { } results)
                    views[key] = views[key] with { Results = results };
                else
                    missing.Add(number);
            }

            if (missing.Count > 0)
                return new Outcome(null, missing.ToImmutable());
        }

        return Failed("The pipeline keeps asking for results that it has been given.");
    }

    /// <summary>The results of an ended batch, when all of them are in memory.</summary>
    public static IReadOnlyList<ActionResult>? FromCache(BatchState batch, ResultCache cache)
    {
        var results = new ActionResult[batch.Actions.Count];
        for (var i = 0; i < results.Length; i++)
        {
            if (!cache.TryGet(batch.Number, i, out var result))
                return null;
            results[i] = result;
        }

        return results;
    }

    private IReadOnlyList<ActionResult>? FromCache(BatchState batch) => FromCache(batch, cache);

    private static Outcome Failed(string message) => new(new PipelineDecision.Fail(new Failure("PIPELINE", message), null), []);
}
