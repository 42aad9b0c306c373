using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Costs;

/// <summary>Whether to keep an object that a run wrote and read, or to make it again when it is needed.</summary>
/// <param name="Object">Which one.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Keep">What keeping it costs.</param>
/// <param name="Make">What making it again costs, with what of its lineage is not kept either.</param>
/// <param name="Reruns">The actions that this runs, each after those whose objects it reads.</param>
public sealed record KeepingAdvice(ObjectKey Object, long Size, double Keep, double Make, ImmutableArray<ActionId> Reruns)
{
    /// <summary>Whether making it again costs less than keeping it.</summary>
    public bool Evict => Make < Keep;

    /// <summary>
    /// Weighs the intermediate objects of a run: those that it wrote and read. In the order in which they were made, so that each decision knows what of the
    /// lineage is kept; a greedy choice, which need not be the cheapest of all.
    /// </summary>
    /// <param name="figures">The run.</param>
    /// <param name="prices">The charges.</param>
    /// <param name="keepSeconds">How long they would be kept, in seconds; null for each until its last read in the run.</param>
    /// <returns>One for each intermediate object with a known producer, in the order of the run.</returns>
    public static ImmutableArray<KeepingAdvice> Of(RunFigures figures, PriceSheet prices, double? keepSeconds = null)
    {
        ArgumentNullException.ThrowIfNull(figures);
        ArgumentNullException.ThrowIfNull(prices);
        var producers = new Dictionary<ObjectKey, ActionFigures>();
        foreach (var action in figures.Actions.Where(a => !a.IsRerun && !a.Attempts.IsEmpty))
            foreach (var written in action.Objects)
                producers[written.Object] = action;
        var evicted = new Dictionary<ObjectKey, ActionFigures>();
        var advice = ImmutableArray.CreateBuilder<KeepingAdvice>();
        // The longer an object has lived at the end of the run, the earlier it was made.
        foreach (var item in figures.Objects.Where(o => o.UntilLastRead is not null && producers.ContainsKey(o.Object)).OrderByDescending(o => o.Lifetime))
        {
            var reruns = Chain(producers[item.Object], evicted);
            var made = new KeepingAdvice(
                item.Object,
                item.Size,
                prices.Keep(item.Size, keepSeconds ?? item.UntilLastRead!.Value),
                // What failed once is not expected to fail again.
                reruns.Sum(a => a.Attempts[^1]) * prices.Compute,
                [.. reruns.Select(a => a.Id)]);
            advice.Add(made);
            if (made.Evict)
                evicted.Add(item.Object, producers[item.Object]);
        }

        return advice.ToImmutable();
    }

    // The producer, and before it whoever made what it reads and what is gone by then. Iterative: a chain may be long.
    private static List<ActionFigures> Chain(ActionFigures producer, Dictionary<ObjectKey, ActionFigures> evicted)
    {
        var order = new List<ActionFigures>();
        var seen = new HashSet<ActionId>();
        var open = new Stack<(ActionFigures Action, bool IsEntered)>([(producer, false)]);
        while (open.TryPop(out var next))
        {
            if (next.IsEntered)
            {
                order.Add(next.Action);
                continue;
            }

            if (!seen.Add(next.Action.Id))
                continue;
            open.Push((next.Action, true));
            foreach (var input in next.Action.Inputs)
                if (evicted.TryGetValue(input, out var maker))
                    open.Push((maker, false));
        }

        return order;
    }
}
