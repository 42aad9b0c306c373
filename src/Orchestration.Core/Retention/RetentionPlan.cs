using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Retention;

/// <summary>Which old runs must stay so that every object that exists can be made again when it is lost.</summary>
public static class RetentionPlan
{
    /// <summary>Finds those that stay: a run whose objects exist, one that made what a run outside the list has read, and one that made what a run that stays has read.</summary>
    /// <param name="runs">The runs that are old enough, each once.</param>
    /// <param name="existing">The objects that exist.</param>
    /// <param name="readElsewhere">The objects that runs outside the list have read.</param>
    /// <returns>The runs that stay, with the reason found first.</returns>
    public static IReadOnlyDictionary<OrchestrationId, KeptFor> Keep(IReadOnlyCollection<RunFootprint> runs, IReadOnlySet<ObjectKey> existing, IReadOnlySet<ObjectKey> readElsewhere)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(existing);
        ArgumentNullException.ThrowIfNull(readElsewhere);
        var kept = new Dictionary<OrchestrationId, KeptFor>();
        var toFollow = new Queue<RunFootprint>();
        void Stay(RunFootprint run, KeptFor reason)
        {
            if (kept.TryAdd(run.Id, reason))
                toFollow.Enqueue(run);
        }

        var makers = runs.SelectMany(run => run.Makes, (run, key) => (run, key)).ToLookup(m => m.key, m => m.run);
        foreach (var run in runs)
        {
            if (First(run.Makes, existing.Contains) is { } there)
                Stay(run, new KeptFor(there, true));
            else if (First(run.Makes, readElsewhere.Contains) is { } needed)
                Stay(run, new KeptFor(needed, false));
        }

        while (toFollow.TryDequeue(out var stays))
            foreach (var key in stays.Reads)
                foreach (var maker in makers[key])
                    Stay(maker, new KeptFor(key, false));
        return kept;
    }

    // The least one, so that the answer does not depend on the order in which objects were found.
    private static ObjectKey? First(IEnumerable<ObjectKey> keys, Func<ObjectKey, bool> isMeant) =>
        keys.Where(isMeant).Order().Select(key => (ObjectKey?)key).FirstOrDefault();
}
