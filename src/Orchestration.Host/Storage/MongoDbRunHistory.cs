using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.SharedObjects;
using Orchestration.Persistence.MongoDb;

namespace Orchestration.Host.Storage;

/// <summary>The runs on a MongoDB server: those of the journal, and those that the Python system left in its collections.</summary>
internal sealed class MongoDbRunHistory(MongoDbHistory history, MongoDbCatalog catalog, MongoDbLeaseStore leases) : IRunHistory
{
    public IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit)
    {
        var own = JournalNames.Find(history.FindIds, idPrefix, limit);
        // Readers here wait for their answers, and the catalog answers asynchronously only.
        var recorded = catalog.FindRecordedAsync(idPrefix, limit, CancellationToken.None).GetAwaiter().GetResult();
        return recorded.Count == 0 ? own : [.. own.Union(recorded).OrderDescending().Take(limit)];
    }

    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue) => history.ReadCommits(JournalNames.Of(id), limit);

    public WriteQueueState ReadWriters(string store, ObjectKey key) => history.ReadWrites(MailboxNames.Of(store, key)).Aggregate(WriteQueueState.Empty, WriteFold.Apply);

    public Commit? ReadRecorded(OrchestrationId id) => catalog.ReadRecordedAsync(id, CancellationToken.None).GetAwaiter().GetResult();

    public RecordedFigures? ReadRecordedFigures(OrchestrationId id) => catalog.ReadRecordedFiguresAsync(id, CancellationToken.None).GetAwaiter().GetResult();

    public Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation) => catalog.ListRunsAsync(new RunQuery(Limit: int.MaxValue), cancellation);

    // A look from a program that has nothing else to do meanwhile.
    public string? OwnerOf(OrchestrationId id) => leases.FindAsync(id, CancellationToken.None).GetAwaiter().GetResult() is { IsLive: true } lease ? lease.ToString() : null;

    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) => catalog.FindWritersAsync(keys, cancellation);

    public void Dispose()
    {
        // The client is shared and lives as long as the process.
    }
}
