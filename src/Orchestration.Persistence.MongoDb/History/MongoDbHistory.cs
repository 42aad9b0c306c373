using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Facts;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Persistence.MongoDb.History;

namespace Orchestration.Persistence.MongoDb;

/// <summary>Reads a journal on MongoDB without an actor system, also while other processes write it. Nothing is sent before the first question.</summary>
public sealed class MongoDbHistory
{
    // A batch of a cursor holds 16 MB at most, which even a slow line brings in this time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MongoConnection _connection;
    private readonly IMongoCollection<BsonDocument> _events;

    /// <summary>Reads the journal of a connection.</summary>
    /// <param name="connection">Where it is.</param>
    /// <param name="collection">The collection of events; <see cref="MongoDbPersistenceOptions.JournalCollection"/>.</param>
    /// <exception cref="MongoStorageException">The connection string names no database.</exception>
    public MongoDbHistory(MongoConnection connection, string collection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _events = connection.Collection(collection, Patience);
    }

    /// <summary>Persistence ids that have events, the last in order first.</summary>
    /// <param name="prefix">What they begin with, ASCII.</param>
    /// <param name="limit">At most so many.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="MongoStorageException">The journal cannot be read.</exception>
    public IReadOnlyList<string> FindIds(string prefix, int limit)
    {
        var query = new BsonDocument
        {
            { StoredFields.PersistenceId, new BsonDocument { { "$gte", prefix }, { "$lt", prefix + '\u007f' } } },
            { StoredFields.SequenceNr, 1L },
        };
        var projection = new BsonDocument { { StoredFields.Id, 0 }, { StoredFields.PersistenceId, 1 } };
        return [.. Read(_events.Find(query).Sort(new BsonDocument(StoredFields.PersistenceId, -1)).Project(projection).Limit(limit)).Select(d => d[StoredFields.PersistenceId].AsString)];
    }

    /// <summary>Reads the commits of an orchestration from the first on.</summary>
    /// <param name="persistenceId">Whose.</param>
    /// <param name="limit">At most so many rows.</param>
    /// <returns>A commit for each row in order, empty for rows that hold a part of a checkpoint; none when there are none.</returns>
    /// <exception cref="MongoStorageException">The journal cannot be read.</exception>
    /// <exception cref="FormatException">A newer version wrote them.</exception>
    public IReadOnlyList<StoredCommit> ReadCommits(string persistenceId, int limit = int.MaxValue) =>
        ReadRows(persistenceId, FactJson.CommitManifest, limit, (number, json) => new StoredCommit(number, json is { } bytes ? FactJson.Read(bytes) : new Commit([])));

    /// <summary>Reads what the mailbox of a shared object has stored.</summary>
    /// <param name="persistenceId">Whose.</param>
    /// <returns>Its rows in order; none when there are none.</returns>
    /// <exception cref="MongoStorageException">The journal cannot be read.</exception>
    /// <exception cref="FormatException">A newer version wrote them.</exception>
    public IReadOnlyList<WriteCommit> ReadWrites(string persistenceId) =>
        [.. ReadRows(persistenceId, WriteJson.CommitManifest, int.MaxValue, (_, json) => json is { } bytes ? WriteJson.ReadCommit(bytes) : null).OfType<WriteCommit>()];

    // Rows of another manifest come without their bytes.
    private List<T> ReadRows<T>(string persistenceId, string wanted, int limit, Func<long, ReadOnlyMemory<byte>?, T> parse)
    {
        var projection = new BsonDocument { { StoredFields.Id, 0 }, { StoredFields.SequenceNr, 1 }, { StoredFields.Payload, 1 } };
        // Few commits are not worth the many rows of a cursor's first batch.
        var options = new FindOptions { BatchSize = limit < 100 ? limit : null };
        var find = _events.Find(new BsonDocument(StoredFields.PersistenceId, persistenceId), options).Sort(new BsonDocument(StoredFields.SequenceNr, 1)).Project(projection);
        var rows = new List<T>();
        foreach (var document in Read(find))
        {
            if (rows.Count == limit)
                break;
            var (bytes, manifest) = StoredMessage.Read(document[StoredFields.Payload].AsByteArray);
            rows.Add(parse(document[StoredFields.SequenceNr].ToInt64(), manifest == wanted ? (ReadOnlyMemory<byte>?)bytes : null));
        }

        return rows;
    }

    private IEnumerable<BsonDocument> Read(IFindFluent<BsonDocument, BsonDocument> find)
    {
        using var cursor = _connection.Call(find.ToCursor, Patience);
        while (_connection.Call(cursor.MoveNext, Patience))
            foreach (var document in cursor.Current)
                yield return document;
    }
}
