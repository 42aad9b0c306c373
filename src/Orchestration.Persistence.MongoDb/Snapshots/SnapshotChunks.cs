using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb.Snapshots;

/// <summary>
/// The parts of snapshots that are too large for one document, in a collection of their own. Each saving has an id, so that parts of a saving that was cut off are
/// never mixed with those of another one.
/// </summary>
internal sealed class SnapshotChunks(IMongoCollection<BsonDocument> collection)
{
    /// <summary>From this size on a snapshot goes in chunks; no document gets larger.</summary>
    public const int MaxBytes = 12_000_000;

    public const string Save = "Save";
    private const string Data = "Data";

    /// <summary>Stores the parts.</summary>
    /// <returns>Names them, for the snapshot's document.</returns>
    public async Task<BsonDocument> WriteAsync(string persistenceId, long sequenceNr, byte[] bytes, CancellationToken cancellation)
    {
        var save = ObjectId.GenerateNewId();
        var count = 0;
        for (var at = 0; at < bytes.Length; at += MaxBytes, count++)
        {
            await collection.InsertOneAsync(
                new BsonDocument
                {
                    { "_id", $"{save}_{count}" },
                    { Save, save },
                    { "PersistenceId", persistenceId },
                    { "SequenceNr", new BsonInt64(sequenceNr) },
                    { Data, new BsonBinaryData(bytes[at..Math.Min(at + MaxBytes, bytes.Length)]) },
                },
                cancellationToken: cancellation);
        }

        return new BsonDocument { { Save, save }, { "Count", count }, { "Bytes", bytes.Length } };
    }

    /// <exception cref="MongoStorageException">A part is missing.</exception>
    public async Task<byte[]> ReadAsync(BsonDocument parts, CancellationToken cancellation)
    {
        var (save, count) = (parts[Save].AsObjectId, parts["Count"].ToInt32());
        var bytes = new byte[parts["Bytes"].ToInt32()];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var part = await collection.Find(new BsonDocument("_id", $"{save}_{i}")).FirstOrDefaultAsync(cancellation)
                ?? throw new MongoStorageException($"Part {i + 1} of {count} of a snapshot is missing in {collection.CollectionNamespace}. Delete the snapshot, or restore the collection from a backup.");
            var data = part[Data].AsByteArray;
            data.CopyTo(bytes, at);
            at += data.Length;
        }

        return bytes;
    }

    /// <summary>Removes parts of some snapshots of a persistence id, but those of one saving.</summary>
    public Task DeleteAsync(string persistenceId, IEnumerable<long> sequenceNrs, ObjectId? keep, CancellationToken cancellation)
    {
        var query = new BsonDocument { { "PersistenceId", persistenceId }, { "SequenceNr", new BsonDocument("$in", new BsonArray(sequenceNrs)) } };
        if (keep is { } save)
            query.Add(Save, new BsonDocument("$ne", save));
        return collection.DeleteManyAsync(query, cancellation);
    }
}
