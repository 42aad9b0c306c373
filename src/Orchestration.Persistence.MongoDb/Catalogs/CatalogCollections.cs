using MongoDB.Bson;
using MongoDB.Driver;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>The three collections with their indexes; docs/operating.md lists these.</summary>
internal sealed class CatalogCollections
{
    // A call writes or reads some hundred documents.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly CollectionIndexes[] _indexes;
    private int _ready;

    public CatalogCollections(MongoConnection connection, string database, bool createIndexes)
    {
        Connection = connection;
        Orchestrations = connection.Collection(database, "orchestrations", CallTimeout);
        Actions = connection.Collection(database, "actions", CallTimeout);
        ActionStore = connection.Collection(database, "action_store", CallTimeout);
        _indexes = !createIndexes ? [] :
        [
            new CollectionIndexes(
                connection,
                Orchestrations,
                new BsonDocument { { CreationTs, -1 }, { Id, -1 } },
                new BsonDocument { { Name, 1 }, { CreationTs, -1 } },
                new BsonDocument { { OwnOf(Status), 1 }, { CreationTs, -1 } }),
            new CollectionIndexes(
                connection,
                Actions,
                new BsonDocument(OrchId, 1),
                new BsonDocument(ActionName, 1),
                new BsonDocument($"{CatalogFields.Attempts}.{OrchId}", 1)),
            new CollectionIndexes(
                connection,
                ActionStore,
                new BsonDocument($"{ObjectsPut}.{CatalogFields.Object}", 1),
                new BsonDocument($"{ObjectsGet}.{CatalogFields.Object}", 1),
                new BsonDocument($"{ObjectsPut}.{OrchId}", 1),
                new BsonDocument($"{ObjectsGet}.{OrchId}", 1)),
        ];
    }

    public MongoConnection Connection { get; }

    public IMongoCollection<BsonDocument> Orchestrations { get; }

    public IMongoCollection<BsonDocument> Actions { get; }

    public IMongoCollection<BsonDocument> ActionStore { get; }

    /// <summary>Makes the indexes unless that was done before or is not wanted.</summary>
    /// <exception cref="MongoStorageException">They cannot be made.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _ready) == 1)
            return;
        foreach (var indexes in _indexes)
            await indexes.EnsureAsync().WaitAsync(cancellation);
        Volatile.Write(ref _ready, 1);
    }

    /// <summary>Runs a call within a time and explains its failures.</summary>
    /// <exception cref="MongoStorageException">It failed.</exception>
    public Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation) => Connection.CallAsync(call, CallTimeout, cancellation);

    /// <summary>Reads what a query finds, batch by batch.</summary>
    /// <exception cref="MongoStorageException">It failed.</exception>
    public async IAsyncEnumerable<BsonDocument> ReadAsync(IFindFluent<BsonDocument, BsonDocument> find, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var cursor = await CallAsync(find.ToCursorAsync, cancellation);
        while (await CallAsync(cursor.MoveNextAsync, cancellation))
            foreach (var document in cursor.Current)
                yield return document;
    }
}
