using Orchestration.Actors.Recovery;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Host.Settings;

namespace Orchestration.Host.Stored;

/// <summary>What of a run is missing in the object store, and the least work that makes it again.</summary>
/// <param name="Run">The run.</param>
/// <param name="Looked">How many objects were looked for.</param>
/// <param name="Missing">Those that are not there, in their order.</param>
/// <param name="Plan">What would run.</param>
internal sealed record HealPlan(OrchestrationId Run, int Looked, IReadOnlyList<ObjectKey> Missing, RecoveryPlan Plan)
{
    /// <summary>How many of the missing objects cannot be made again.</summary>
    public int Dead => Missing.Count(k => Plan.Keys[k].Dead is not null);

    /// <summary>Looks and plans; nothing is changed.</summary>
    /// <param name="runs">The stored runs.</param>
    /// <param name="run">Which run.</param>
    /// <param name="wanted">The objects to look for; none for everything that the run wrote.</param>
    /// <param name="store">Where to look.</param>
    /// <param name="bounds">How far, and how many at once.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<HealPlan> MakeAsync(StoredRuns runs, OrchestrationId run, IReadOnlyCollection<ObjectKey> wanted, IObjectStore store, LineageChoice bounds, CancellationToken cancellation)
    {
        var lineages = new Dictionary<OrchestrationId, Lineage>();
        Lineage LineageOf(OrchestrationId id)
        {
            if (!lineages.TryGetValue(id, out var lineage))
                lineages.Add(id, lineage = runs.ReadLineage(id));
            return lineage;
        }

        LineageAction? Known(ObjectKey key) => lineages.Values.Select(l => l.Producer(key)).FirstOrDefault(p => p is not null);
        var own = LineageOf(run);
        var targets = (wanted.Count > 0 ? wanted : own.Written).ToHashSet();
        // Asked while the store is: of most of them both is needed, and a plan is waited for.
        var asking = runs.FindWritersAsync(targets, cancellation);
        var looked = await Presence.LookAsync(store, targets, bounds.StatParallelism, cancellation);
        var missing = looked.Where(t => !t.Value).Select(t => t.Key).Order().ToList();
        var planner = new RecoveryPlanner(missing, Known, bounds.MaxDepth, seesStore: true);
        foreach (var (key, there) in looked)
            planner.Tell(key, there);
        var plan = await planner.RunAsync(keys => Presence.LookAsync(store, keys, bounds.StatParallelism, cancellation), async keys =>
        {
            var asked = await asking;
            var others = keys.Where(k => !targets.Contains(k)).ToList();
            var further = others.Count == 0 ? asked : await runs.FindWritersAsync(others, cancellation);
            return keys.ToDictionary(
                k => k, k => (asked.TryGetValue(k, out var writer) || further.TryGetValue(k, out writer) ? writer.Action ?? LineageOf(writer.Orchestration).Producer(k) : null) ?? Known(k));
        },
        key =>
        {
            var mailbox = runs.ReadWriters(runs.ReadStart(run).Platform.ObjectStore, key);
            foreach (var write in mailbox.History)
                LineageOf(write.Ticket.Orchestration);
            return Task.FromResult(WriterOrder.Of(key, mailbox.History, mailbox.Forgotten, lineages));
        });
        return new HealPlan(run, targets.Count, missing, plan);
    }
}
