using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>The runs of a data directory.</summary>
internal sealed class SqliteRunHistory(string dataDirectory) : IRunHistory
{
    // How the actors name an orchestration in the journal.
    private const string Prefix = "orchestration-";

    private readonly SqliteHistory? _history = SqliteHistory.Open(dataDirectory);

    // One more is asked for: the index of unfinished orchestrations has a name of the same beginning and is no run.
    public IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit) =>
        [.. (_history?.FindIds(Prefix + idPrefix, limit + 1) ?? []).Select(id => OrchestrationId.TryParse(id[Prefix.Length..], out var parsed) ? parsed : (OrchestrationId?)null).OfType<OrchestrationId>().Take(limit)];

    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue) => _history?.ReadCommits(Prefix + id, limit) ?? [];

    public async Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(dataDirectory, SqliteCatalog.FileName)))
            return [];
        using var catalog = SqliteCatalog.OpenReadOnly(dataDirectory);
        return await catalog.ListRunsAsync(new RunQuery(Limit: int.MaxValue), cancellation);
    }

    public bool IsBeingRun(OrchestrationId id)
    {
        if (LiveOwner.Of(dataDirectory) is not { } owner)
            return false;
        // A process works only on what it has started or taken over itself, and it had the directory before.
        var taken = ReadCommits(id).SelectMany(c => c.Commit.Facts).Where(f => f is OrchestrationStarted or Resumed).Max(f => f.Time);
        return taken >= owner.Since;
    }

    public void Dispose() => _history?.Dispose();
}
