using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Persistence.MongoDb.Leases;

namespace Orchestration.Persistence.MongoDb;

/// <summary>The indexes of the journal's and the snapshot store's collections; docs/operating.md lists them.</summary>
internal static class StorageIndexes
{
    private static readonly BsonDocument Latest = new() { { StoredFields.PersistenceId, 1 }, { StoredFields.SequenceNr, -1 } };

    public static CollectionIndexes OfEvents(MongoConnection connection, IMongoCollection<BsonDocument> collection) => new(
        connection,
        collection,
        Latest,
        new BsonDocument(StoredFields.Ordering, 1),
        new BsonDocument { { StoredFields.Tags, 1 }, { StoredFields.Ordering, 1 } });

    public static CollectionIndexes OfMetadata(MongoConnection connection, IMongoCollection<BsonDocument> collection) =>
        new(connection, collection, new BsonDocument(StoredFields.PersistenceId, 1));

    /// <summary>Those of leases: each process renews its own ones.</summary>
    public static CollectionIndexes OfLeases(MongoConnection connection, IMongoCollection<BsonDocument> collection) => new(connection, collection, new BsonDocument(LeaseDocuments.Process, 1));

    /// <summary>Those of snapshots, and of their parts.</summary>
    public static CollectionIndexes OfSnapshots(MongoConnection connection, IMongoCollection<BsonDocument> collection) => new(connection, collection, Latest);
}
