using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.SharedObjects;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>The runs of a data directory.</summary>
internal sealed class SqliteRunHistory(string dataDirectory) : IRunHistory
{
    private readonly SqliteHistory? _history = SqliteHistory.Open(dataDirectory);

    public IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit) => _history is null ? [] : JournalNames.Find(_history.FindIds, idPrefix, limit);

    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue) => _history?.ReadCommits(JournalNames.Of(id), limit) ?? [];

    public WriteQueueState ReadWriters(string store, ObjectKey key) =>
        (_history?.ReadWrites(MailboxNames.Of(store, key)) ?? []).Aggregate(WriteQueueState.Empty, WriteFold.Apply);

    public Commit? ReadRecorded(OrchestrationId id) => null;

    public RecordedFigures? ReadRecordedFigures(OrchestrationId id) => null;

    public async Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(dataDirectory, SqliteCatalog.FileName)))
            return [];
        using var catalog = SqliteCatalog.OpenReadOnly(dataDirectory);
        return await catalog.ListRunsAsync(new RunQuery(Limit: int.MaxValue), cancellation);
    }

    public async Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(dataDirectory, SqliteCatalog.FileName)))
            return new Dictionary<ObjectKey, ObjectWriter>();
        using var catalog = SqliteCatalog.OpenReadOnly(dataDirectory);
        return await catalog.FindWritersAsync(keys, cancellation);
    }

    public string? OwnerOf(OrchestrationId id)
    {
        if (LiveOwner.Of(dataDirectory) is not { } owner)
            return null;
        // A process works only on what it has started or taken over itself, and it had the directory before. What cannot be read nobody works on.
        DateTimeOffset taken;
        try
        {
            taken = ReadCommits(id).SelectMany(c => c.Commit.Facts).Where(f => f is OrchestrationStarted or Resumed).Select(f => f.Time).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        }
        catch (FormatException)
        {
            return null;
        }

        return taken < owner.Since ? null : FormattableString.Invariant($"owned by {owner.Host}, pid {owner.Pid}, which holds {dataDirectory} since {owner.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
    }

    public void Dispose() => _history?.Dispose();
}
