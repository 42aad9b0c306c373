using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.MongoDb.Pruning;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// Removes ended runs from a MongoDB server, beside whatever works on it: a run is removed while this process has its lease, and one that another process has is left alone.
/// </summary>
public sealed class MongoDbPruning : IRunPruning
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly MongoConnection _connection;
    private readonly ILeaseStore _leases;
    private readonly IMongoCollection<BsonDocument> _events;
    private readonly IMongoCollection<BsonDocument> _metadata;
    private readonly IMongoCollection<BsonDocument> _snapshots;
    private readonly IMongoCollection<BsonDocument> _chunks;
    private readonly PrunedCatalog _catalog;

    /// <summary>Works on a server; nothing is sent yet.</summary>
    /// <param name="connection">The server, with the database of the journal.</param>
    /// <param name="options">Where journal and snapshots are.</param>
    /// <param name="catalog">The catalog.</param>
    /// <param name="leases">Who works on what.</param>
    /// <exception cref="MongoStorageException">The connection string names no database.</exception>
    public MongoDbPruning(MongoConnection connection, MongoDbPersistenceOptions options, MongoDbCatalog catalog, ILeaseStore leases)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(catalog);
        (_connection, _leases) = (connection, leases);
        _events = connection.Collection(options.JournalCollection, CallTimeout);
        _metadata = connection.Collection(options.MetadataCollection, CallTimeout);
        _snapshots = connection.Collection(options.SnapshotCollection, CallTimeout);
        _chunks = connection.Collection(options.SnapshotCollection + MongoDbPersistence.ChunksSuffix, CallTimeout);
        _catalog = new PrunedCatalog(catalog.Collections);
    }

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<TouchedObjects> ReadObjectsAsync(OrchestrationId id, CancellationToken cancellation) => _catalog.ReadObjectsAsync(ObjectId.Parse(id.Value), cancellation);

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<IReadOnlyDictionary<ObjectKey, IReadOnlySet<OrchestrationId>>> FindReadersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) =>
        _catalog.FindReadersAsync(keys, cancellation);

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public async Task<StoredAmount> MeasureAsync(OrchestrationId id, string persistenceId, CancellationToken cancellation)
    {
        var (rows, rowBytes) = await SumAsync(_events, persistenceId, cancellation);
        var (snapshots, snapshotBytes) = await SumAsync(_snapshots, persistenceId, cancellation);
        var (_, chunkBytes) = await SumAsync(_chunks, persistenceId, cancellation);
        return new StoredAmount(rows, snapshots, 0, rowBytes + snapshotBytes + chunkBytes) + await _catalog.MeasureAsync(ObjectId.Parse(id.Value), cancellation);
    }

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed; what is left is removed the next time.</exception>
    public async Task<bool> RemoveAsync(OrchestrationId id, string persistenceId, long rows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!(await _leases.AcquireAsync(id, takeOver: false, cancellation)).IsOurs)
            return false;
        var isUnchanged = (await SumAsync(_events, persistenceId, cancellation)).Count == rows;
        if (!isUnchanged)
        {
            // Whoever changed it may have left it unfinished.
            await _leases.ReleaseAsync(id, cancellation);
            return false;
        }

        foreach (var collection in new[] { _events, _metadata, _snapshots, _chunks })
            await _connection.CallAsync(token => collection.DeleteManyAsync(Of(persistenceId), token), CallTimeout, cancellation);
        await _catalog.RemoveAsync(ObjectId.Parse(id.Value), isRecorded: false, cancellation);
        await _leases.RemoveAsync(id, cancellation);
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed; what is left is removed the next time.</exception>
    public Task RemoveRecordedAsync(OrchestrationId id, CancellationToken cancellation) => _catalog.RemoveAsync(ObjectId.Parse(id.Value), isRecorded: true, cancellation);

    /// <inheritdoc/>
    public Task<(long Before, long After)?> CompactAsync(CancellationToken cancellation) => Task.FromResult<(long, long)?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static BsonDocument Of(string persistenceId) => new(StoredFields.PersistenceId, persistenceId);

    private async Task<(long Count, long Bytes)> SumAsync(IMongoCollection<BsonDocument> collection, string persistenceId, CancellationToken cancellation)
    {
        var (count, bytes) = (0L, 0L);
        using var cursor = await _connection.CallAsync(token => collection.Find(Of(persistenceId)).As<RawBsonDocument>().ToCursorAsync(token), CallTimeout, cancellation);
        while (await _connection.CallAsync(cursor.MoveNextAsync, CallTimeout, cancellation))
        {
            foreach (var document in cursor.Current)
            {
                (count, bytes) = (count + 1, bytes + document.Slice.Length);
                document.Dispose();
            }
        }

        return (count, bytes);
    }
}
