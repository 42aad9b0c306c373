using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Makes the indexes of a collection once per process, when it is first used. One that exists already costs one round trip.</summary>
internal sealed class CollectionIndexes(MongoConnection connection, IMongoCollection<BsonDocument> collection, params BsonDocument[] indexes)
{
    private const int Unauthorized = 13;

    private readonly Lock _gate = new();
    private Task? _made;

    /// <exception cref="MongoStorageException">They cannot be made.</exception>
    public Task EnsureAsync()
    {
        lock (_gate)
        {
            // What failed is tried again by the next caller.
            if (_made is null || _made.IsFaulted || _made.IsCanceled)
                _made = Task.Run(MakeAsync);
            return _made;
        }
    }

    private async Task MakeAsync()
    {
        try
        {
            await collection.Indexes.CreateManyAsync(indexes.Select(keys => new CreateIndexModel<BsonDocument>(new BsonDocumentIndexKeysDefinition<BsonDocument>(keys))));
        }
        catch (MongoCommandException e) when (e.Code == Unauthorized)
        {
            throw new MongoStorageException(
                $"The user has no right to create indexes in the collection {collection.CollectionNamespace} of MongoDB at {connection.RedactedName}. "
                + "Grant the role readWrite on the database, or create the indexes that docs/operating.md lists and set auto-initialize = off.",
                e);
        }
        catch (Exception e) when (e is MongoException or TimeoutException)
        {
            throw MongoErrors.Explain(connection.RedactedName, e);
        }
    }
}
