using Orchestration.Actors.Recovery;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.Retention;
using Orchestration.Core.State;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Stored;

/// <summary>Finds the runs that can go: old enough, ended, and not needed to make again what exists. Nothing is changed.</summary>
internal sealed class PrunePlanner(StoredRuns runs, RunStorage storage, IRunPruning pruning, HostSettings settings)
{
    private const string FolderScheme = "file:";

    /// <summary>Looks and plans.</summary>
    /// <param name="endedBefore">Only runs that ended before this time.</param>
    /// <param name="withRecorded">Whether runs that the Python system recorded are among them.</param>
    /// <param name="withDamaged">Whether runs that cannot be read are among them, those without an end by the time of their start.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<PrunePlan> MakeAsync(DateTimeOffset endedBefore, bool withRecorded, bool withDamaged, CancellationToken cancellation)
    {
        var old = await FindAsync(endedBefore, withRecorded, withDamaged, cancellation);
        old.Sort((a, b) => (a.Run.StartedAt, a.Run.Id).CompareTo((b.Run.StartedAt, b.Run.Id)));
        var damaged = old.Where(o => ReadFacts(o) is null).ToList();
        if (!withDamaged)
            old.RemoveAll(damaged.Contains);
        var touched = new Dictionary<OrchestrationId, TouchedObjects>();
        foreach (var run in old)
            touched[run.Run.Id] = await TouchedAsync(run, cancellation);
        var kept = new List<KeptRun>();
        if (!withDamaged)
            kept.AddRange(damaged.Select(o => new KeptRun(o.Run, KeepReason.Damaged, "what is stored of it is damaged; --include-damaged removes it")));
        var existing = new HashSet<ObjectKey>();
        foreach (var ofStore in old.Where(o => touched[o.Run.Id].Written.Count > 0).GroupBy(LocationOf).ToList())
        {
            var (there, problem) = await LookAsync(ofStore.Key, [.. ofStore.SelectMany(o => touched[o.Run.Id].Written).Distinct()], cancellation);
            existing.UnionWith(there);
            if (problem is not null)
                kept.AddRange(ofStore.Select(o => new KeptRun(o.Run, KeepReason.ObjectsUnknown, problem)));
        }

        var unknown = kept.Select(k => k.Run.Id).ToHashSet();
        var footprints = new List<RunFootprint>();
        foreach (var run in old.Where(o => !unknown.Contains(o.Run.Id)))
            footprints.Add(new RunFootprint(run.Run.Id, await MakesAsync(run, touched[run.Run.Id].Written, cancellation), touched[run.Run.Id].Read));
        var stay = RetentionPlan.Keep(footprints, existing, await ReadElsewhereAsync(footprints, cancellation));
        kept.AddRange(old.Where(o => stay.ContainsKey(o.Run.Id)).Select(o => Kept(o.Run, stay[o.Run.Id])));
        unknown.UnionWith(stay.Keys);
        var removed = new List<OldRun>();
        foreach (var run in old.Where(o => !unknown.Contains(o.Run.Id)))
            removed.Add(run with { Amount = await pruning.MeasureAsync(run.Run.Id, JournalNames.Of(run.Run.Id), cancellation) });
        return new PrunePlan(removed, kept);
    }

    private static KeptRun Kept(RunSummary run, KeptFor reason) =>
        new(run, reason.IsThere ? KeepReason.ObjectExists : KeepReason.ObjectWasRead, reason.Object.Value);

    private async Task<List<OldRun>> FindAsync(DateTimeOffset endedBefore, bool withRecorded, bool withDamaged, CancellationToken cancellation)
    {
        var old = new List<OldRun>();
        var listed = new HashSet<OrchestrationId>();
        foreach (var run in await storage.ListRunsAsync(new RunQuery(Limit: int.MaxValue), RunPage.All, cancellation))
        {
            listed.Add(run.Id);
            var isUnknown = run.Status == ReportJson.NameOf(OrchestrationStatus.Unknown);
            var isWanted = withDamaged && run.Status == DamagedRunException.Status && runs.OwnerOf(run.Id) is null;
            if (run.FinishedAt is null && !isUnknown && !isWanted)
                continue;
            var recorded = runs.ReadRecorded(run.Id);
            // A recorded run without an end counts from the last thing that is known of it.
            var last = run.FinishedAt ?? recorded?.Facts.Max(f => f.Time) ?? run.StartedAt;
            if (last < endedBefore && (recorded is null || withRecorded))
                old.Add(new OldRun(run, recorded is not null, default));
        }

        // What is left of removals that were cut off stands in the catalog alone.
        foreach (var run in await runs.ReadCatalogAsync(cancellation))
            if (!listed.Contains(run.Id) && run.FinishedAt < endedBefore)
                old.Add(new OldRun(run, false, default));
        return old;
    }

    // The journal knows what a catalog that was made anew does not, and the catalog what actions recorded there themselves.
    private async Task<TouchedObjects> TouchedAsync(OldRun run, CancellationToken cancellation)
    {
        var known = await pruning.ReadObjectsAsync(run.Run.Id, cancellation);
        var reports = (ReadFacts(run) ?? []).OfType<AttemptSucceeded>().Select(f => f.Objects).ToList();
        return new TouchedObjects(
            known.Written.Concat(reports.SelectMany(r => r.Writes).Select(w => w.Object)).ToHashSet(),
            known.Read.Concat(reports.SelectMany(r => r.Reads).Select(r => r.Object)).ToHashSet());
    }

    /// <summary>The objects that cannot be made again without a run: nobody wrote them after it, or it shares them with other writers.</summary>
    private async Task<IReadOnlyCollection<ObjectKey>> MakesAsync(OldRun run, IReadOnlySet<ObjectKey> written, CancellationToken cancellation)
    {
        // The old system did not record whether writers shared an object.
        if (run.IsRecorded || written.Count == 0)
            return written;
        var writers = await runs.FindWritersAsync(written, cancellation);
        var last = written.Where(key => !writers.TryGetValue(key, out var writer) || writer.Orchestration == run.Run.Id).ToHashSet();
        if (last.Count < written.Count)
            last.UnionWith((ReadFacts(run) ?? []).OfType<ActionsAdded>().SelectMany(f => f.Actions).SelectMany(a => a.Writes).Where(written.Contains));
        return last;
    }

    private async Task<IReadOnlySet<ObjectKey>> ReadElsewhereAsync(IReadOnlyCollection<RunFootprint> footprints, CancellationToken cancellation)
    {
        var ids = footprints.Select(f => f.Id).ToHashSet();
        var readers = await pruning.FindReadersAsync([.. footprints.SelectMany(f => f.Makes).Distinct()], cancellation);
        return readers.Where(r => !r.Value.IsSubsetOf(ids)).Select(r => r.Key).ToHashSet();
    }

    // Where a run's objects are; empty when it had no store of its own, or has left nothing that tells.
    private string LocationOf(OldRun run) =>
        (ReadFacts(run) ?? []).OfType<OrchestrationStarted>().FirstOrDefault()?.Platform.ObjectStore ?? "";

    // Null when they cannot be read.
    private IEnumerable<Fact>? ReadFacts(OldRun run)
    {
        try
        {
            return runs.ReadCommits(run.Run.Id).SelectMany(c => c.Commit.Facts);
        }
        catch (DamagedRunException)
        {
            return null;
        }
    }

    private async Task<(IReadOnlyCollection<ObjectKey> There, string? Problem)> LookAsync(string location, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation)
    {
        var isMissingFolder = location.StartsWith(FolderScheme, StringComparison.Ordinal) && !Directory.Exists(location[FolderScheme.Length..]);
        var place = location.Length == 0 || isMissingFolder ? settings.ObjectStore : new Given(location, "as it was started");
        if (place is null)
        {
            return ([], isMissingFolder
                ? $"the folder {location[FolderScheme.Length..]} of its objects is not here; give {Commands.CommonOptions.ObjectStore.Name}, or make the folder when they are gone for good"
                : $"it is not known where its objects are; give {Commands.CommonOptions.ObjectStore.Name}");
        }

        try
        {
            var store = ObjectStores.Open(settings with { ObjectStore = place }, isLocal: false)!;
            using var closing = store as IDisposable;
            return ([.. (await Presence.LookAsync(store, keys, settings.Lineage.StatParallelism, cancellation)).Where(k => k.Value).Select(k => k.Key)], null);
        }
        catch (ObjectStoreException e)
        {
            return ([], Redaction.Of(e.Message));
        }
    }
}
