using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Persistence.MongoDb;

namespace Orchestration.Host.Storage;

/// <summary>The runs on a MongoDB server.</summary>
internal sealed class MongoDbRunHistory(MongoDbHistory history) : IRunHistory
{
    public IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit) => JournalNames.Find(history.FindIds, idPrefix, limit);

    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue) => history.ReadCommits(JournalNames.Of(id), limit);

    public Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RunSummary>>([]);

    public bool IsBeingRun(OrchestrationId id) =>
        ReadCommits(id).SelectMany(c => c.Commit.Facts).OfType<Resumed>().LastOrDefault() is { } taken && LiveOwner.IsAlive(taken.Owner);

    public void Dispose()
    {
        // The client is shared and lives as long as the process.
    }
}
