using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite.Catalogs;
using Orchestration.Persistence.Sqlite.Pruning;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// Removes ended runs from a data directory. To remove, it takes the directory for this process, so that nobody goes on with a run meanwhile; to look only, it works
/// beside whoever has it. For one thread.
/// </summary>
public sealed class SqlitePruning : IRunPruning
{
    private static readonly string[] CatalogTables = ["objects", "attempts", "actions", "batches", "cursors", "runs"];

    private readonly DataDirectory? _directory;
    private readonly PrunedFile? _journal;
    private readonly PrunedFile? _catalog;

    private SqlitePruning(string dataDirectory, DataDirectory? directory)
    {
        _directory = directory;
        var isWritten = directory is not null;
        try
        {
            _journal = PrunedFile.Open(Path.Combine(dataDirectory, JournalStore.FileName), isWritten, JournalSchema.Prepare);
            _catalog = PrunedFile.Open(Path.Combine(dataDirectory, SqliteCatalog.FileName), isWritten, CatalogSchema.Check);
        }
        catch
        {
            _journal?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a data directory to remove runs, and takes it for this process.</summary>
    /// <param name="dataDirectory">The directory.</param>
    /// <returns>Its files.</returns>
    /// <exception cref="DataDirectoryException">Another process has it, or it cannot be used.</exception>
    public static SqlitePruning Open(string dataDirectory)
    {
        var directory = DataDirectory.Open(dataDirectory);
        try
        {
            return new SqlitePruning(directory.FullPath, directory);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Opens a data directory to look what could be removed, also while another process works on it.</summary>
    /// <param name="dataDirectory">The directory.</param>
    /// <returns>Its files.</returns>
    /// <exception cref="DataDirectoryException">It cannot be read.</exception>
    public static SqlitePruning OpenReadOnly(string dataDirectory) => new(Path.GetFullPath(dataDirectory), null);

    /// <inheritdoc/>
    public Task<TouchedObjects> ReadObjectsAsync(OrchestrationId id, CancellationToken cancellation) => Task.FromResult(new TouchedObjects(Touched(id, "write"), Touched(id, "read")));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<ObjectKey, IReadOnlySet<OrchestrationId>>> FindReadersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var readers = new Dictionary<ObjectKey, IReadOnlySet<OrchestrationId>>();
        foreach (var key in keys)
        {
            var runs = _catalog?.Texts("SELECT DISTINCT orch_id FROM objects WHERE object = $0 AND access = 'read'", key.Value).Select(OrchestrationId.Parse).ToHashSet();
            if (runs is { Count: > 0 })
                readers[key] = runs;
        }

        return Task.FromResult<IReadOnlyDictionary<ObjectKey, IReadOnlySet<OrchestrationId>>>(readers);
    }

    /// <inheritdoc/>
    public Task<StoredAmount> MeasureAsync(OrchestrationId id, string persistenceId, CancellationToken cancellation)
    {
        var (rows, rowBytes) = CountRows(persistenceId);
        var (snapshots, snapshotBytes) = _journal?.Sum("SELECT count(*), coalesce(sum(length(payload)), 0) FROM snapshot WHERE persistence_id = $0", persistenceId) ?? default;
        var entries = _catalog is null ? 0 : CatalogTables.Sum(table => _catalog.Sum($"SELECT count(*), 0 FROM {table} WHERE orch_id = $0", id.Value).Count);
        return Task.FromResult(new StoredAmount(rows, snapshots, entries, rowBytes + snapshotBytes));
    }

    /// <inheritdoc/>
    /// <exception cref="DataDirectoryException">A file cannot be written.</exception>
    public Task<bool> RemoveAsync(OrchestrationId id, string persistenceId, long rows, CancellationToken cancellation)
    {
        if (_directory is null)
            throw new InvalidOperationException("The data directory was opened to be read only.");
        cancellation.ThrowIfCancellationRequested();
        if (CountRows(persistenceId).Count != rows)
            return Task.FromResult(false);
        _journal?.Change(persistenceId, ["DELETE FROM event WHERE persistence_id = $0", "DELETE FROM snapshot WHERE persistence_id = $0", "DELETE FROM deleted_to WHERE persistence_id = $0"]);
        _catalog?.Change(id.Value, [.. CatalogTables.Select(table => $"DELETE FROM {table} WHERE orch_id = $0")]);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public Task RemoveRecordedAsync(OrchestrationId id, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <exception cref="DataDirectoryException">There is no room for a copy of a file.</exception>
    public Task<(long Before, long After)?> CompactAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var sizes = new[] { _journal, _catalog }.OfType<PrunedFile>().Select(file => file.Compact()).ToList();
        return Task.FromResult<(long, long)?>((sizes.Sum(s => s.Before), sizes.Sum(s => s.After)));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _journal?.Dispose();
        _catalog?.Dispose();
        _directory?.Dispose();
        return ValueTask.CompletedTask;
    }

    private HashSet<ObjectKey> Touched(OrchestrationId id, string access) =>
        _catalog is null ? [] : [.. _catalog.Texts("SELECT DISTINCT object FROM objects WHERE orch_id = $0 AND access = $1", id.Value, access).Select(ObjectKey.Parse)];

    private (long Count, long Bytes) CountRows(string persistenceId) =>
        _journal?.Sum("SELECT count(*), coalesce(sum(length(payload)), 0) FROM event WHERE persistence_id = $0", persistenceId) ?? default;
}
