using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Persistence.MongoDb.Journals;
using Orchestration.Persistence.MongoDb.Snapshots;
using SnapshotWrapper = Akka.Persistence.Serialization.Snapshot;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// The snapshot store <c>akka.persistence.snapshot-store.mongodb</c>, with the collection and documents of the plugin Akka.Persistence.MongoDb. Saving a sequence number
/// again replaces what was there. A snapshot over 12 MB goes in parts into the collection of the same name with <c>Chunks</c> behind it, which only this store reads.
/// </summary>
public sealed class MongoDbSnapshotStore : SnapshotStore
{
    private const string Timestamp = "Timestamp";
    private const string Snapshot = "Snapshot";
    private const string Manifest = "Manifest";
    private const string SerializerId = "SerializerId";
    private const string Chunks = "Chunks";

    private readonly ExtendedActorSystem _system = (ExtendedActorSystem)Context.System;
    private readonly MongoConnection _connection;
    private readonly IMongoCollection<BsonDocument> _snapshots;
    private readonly SnapshotChunks _chunks;
    private readonly CollectionIndexes[] _indexes;
    private readonly TimeSpan _callTimeout;

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="config">The plugin's section, as in <c>hocon/mongodb.conf</c>.</param>
    /// <exception cref="ConfigurationException">A setting is not supported.</exception>
    /// <exception cref="MongoStorageException">The connection string cannot be used.</exception>
    public MongoDbSnapshotStore(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.GetBoolean("legacy-serialization"))
            throw new ConfigurationException($"{MongoDbPersistence.SnapshotStoreId}.legacy-serialization is on; this store keeps what Akka's serializers write. Set it to off.");
        _callTimeout = config.GetTimeSpan("call-timeout");
        _connection = MongoConnection.Of(config.GetString("connection-string"));
        var name = config.GetString("collection");
        _snapshots = _connection.Collection(name, _callTimeout);
        var chunks = _connection.Collection(name + MongoDbPersistence.ChunksSuffix, _callTimeout);
        _chunks = new SnapshotChunks(chunks);
        _indexes = config.GetBoolean("auto-initialize") ? [StorageIndexes.OfSnapshots(_connection, _snapshots), StorageIndexes.OfSnapshots(_connection, chunks)] : [];
    }

    /// <inheritdoc/>
    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) => CallAsync<SelectedSnapshot?>(
        async token =>
        {
            var found = await _snapshots.Find(Query(persistenceId, criteria)).Sort(new BsonDocument(StoredFields.SequenceNr, -1)).FirstOrDefaultAsync(token);
            if (found is null)
                return null;
            var bytes = found.TryGetValue(Chunks, out var parts) ? await _chunks.ReadAsync(parts.AsBsonDocument, token) : found[Snapshot].AsByteArray;
            var wrapper = (SnapshotWrapper)_system.Serialization.Deserialize(bytes, found[SerializerId].ToInt32(), found[Manifest].AsString);
            return new SelectedSnapshot(
                new SnapshotMetadata(persistenceId, found[StoredFields.SequenceNr].ToInt64(), new DateTime(found[Timestamp].ToInt64(), DateTimeKind.Utc)),
                wrapper.Data);
        },
        cancellationToken);

    /// <inheritdoc/>
    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var (bytes, serializerId, manifest) = Serialize(new SnapshotWrapper(snapshot));
        return CallAsync(
            async token =>
            {
                var document = new BsonDocument
                {
                    { StoredFields.Id, JournalDocuments.IdOf(metadata.PersistenceId, metadata.SequenceNr) },
                    { StoredFields.PersistenceId, metadata.PersistenceId },
                    { StoredFields.SequenceNr, new BsonInt64(metadata.SequenceNr) },
                    { Timestamp, new BsonInt64(metadata.Timestamp.Ticks) },
                };
                ObjectId? save = null;
                if (bytes.Length > SnapshotChunks.MaxBytes)
                {
                    // The parts first: a document that names them has all of them.
                    var parts = await _chunks.WriteAsync(metadata.PersistenceId, metadata.SequenceNr, bytes, token);
                    save = parts[SnapshotChunks.Save].AsObjectId;
                    document.Add(Chunks, parts);
                }
                else
                {
                    document.Add(Snapshot, new BsonBinaryData(bytes));
                }

                document.Add(Manifest, manifest).Add(SerializerId, serializerId);
                await _snapshots.ReplaceOneAsync(new BsonDocument(StoredFields.Id, document[StoredFields.Id]), document, new ReplaceOptions { IsUpsert = true }, token);
                await _chunks.DeleteAsync(metadata.PersistenceId, [metadata.SequenceNr], save, token);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var query = new BsonDocument { { StoredFields.PersistenceId, metadata.PersistenceId }, { StoredFields.SequenceNr, metadata.SequenceNr } };
        // Without a timestamp the sequence number alone says which one.
        if (metadata.Timestamp != DateTime.MinValue)
            query.Add(Timestamp, metadata.Timestamp.Ticks);
        return DeleteAsync(metadata.PersistenceId, query, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        DeleteAsync(persistenceId, Query(persistenceId, criteria), cancellationToken);

    private static BsonDocument Query(string persistenceId, SnapshotSelectionCriteria criteria) => new()
    {
        { StoredFields.PersistenceId, persistenceId },
        { StoredFields.SequenceNr, new BsonDocument { { "$gte", criteria.MinSequenceNr }, { "$lte", criteria.MaxSequenceNr } } },
        { Timestamp, new BsonDocument { { "$gte", criteria.MinTimestamp?.Ticks ?? 0 }, { "$lte", criteria.MaxTimeStamp.Ticks } } },
    };

    private Task<bool> DeleteAsync(string persistenceId, BsonDocument query, CancellationToken cancellationToken) => CallAsync(
        async token =>
        {
            var found = await _snapshots.Find(query).Project(new BsonDocument(StoredFields.SequenceNr, 1)).ToListAsync(token);
            if (found.Count == 0)
                return false;
            await _snapshots.DeleteManyAsync(new BsonDocument(StoredFields.Id, new BsonDocument("$in", new BsonArray(found.Select(f => f[StoredFields.Id])))), token);
            await _chunks.DeleteAsync(persistenceId, found.Select(f => f[StoredFields.SequenceNr].ToInt64()), null, token);
            return true;
        },
        cancellationToken);

    private (byte[] Bytes, int SerializerId, string Manifest) Serialize(SnapshotWrapper wrapper) =>
        Akka.Serialization.Serialization.WithTransport(_system, (_system, wrapper), static state =>
        {
            var serializer = state._system.Serialization.FindSerializerFor(state.wrapper);
            return (serializer.ToBinary(state.wrapper), serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, state.wrapper));
        });

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        foreach (var indexes in _indexes)
            await indexes.EnsureAsync();
        return await _connection.CallAsync(call, _callTimeout, cancellation);
    }
}
