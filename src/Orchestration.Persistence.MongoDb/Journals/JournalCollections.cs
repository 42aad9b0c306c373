using Akka.Configuration;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb.Journals;

/// <summary>The collections of a journal as its section of the configuration says. A write counts when a majority of the servers has it on disk.</summary>
internal sealed class JournalCollections
{
    private readonly CollectionIndexes? _eventIndexes;
    private readonly CollectionIndexes? _metadataIndexes;
    private int _ready;

    public JournalCollections(Config config)
    {
        if (config.GetBoolean("legacy-serialization"))
        {
            throw new ConfigurationException(
                $"{MongoDbPersistence.JournalId}.legacy-serialization is on; this journal stores what Akka's serializers write. Set it to off, or build with -p:UseAkkaPersistenceMongoDb=true.");
        }

        CallTimeout = config.GetTimeSpan("call-timeout");
        WriteBudget = config.GetTimeSpan("circuit-breaker.call-timeout");
        UseTransactions = config.GetBoolean("use-write-transaction");
        Connection = MongoConnection.Of(config.GetString("connection-string"));
        Events = Connection.Collection(config.GetString("collection"), CallTimeout);
        Metadata = Connection.Collection(config.GetString("metadata-collection"), CallTimeout);
        if (!config.GetBoolean("auto-initialize"))
            return;
        _eventIndexes = StorageIndexes.OfEvents(Connection, Events);
        _metadataIndexes = StorageIndexes.OfMetadata(Connection, Metadata);
    }

    public MongoConnection Connection { get; }

    public IMongoCollection<BsonDocument> Events { get; }

    public IMongoCollection<BsonDocument> Metadata { get; }

    public bool UseTransactions { get; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan CallTimeout { get; }

    /// <summary>How long a write is tried again when it is not known whether it happened.</summary>
    public TimeSpan WriteBudget { get; }

    /// <summary>Makes the indexes unless that was done before or is not wanted.</summary>
    /// <exception cref="MongoStorageException">They cannot be made.</exception>
    public async ValueTask PrepareAsync()
    {
        if (Volatile.Read(ref _ready) == 1)
            return;
        if (_eventIndexes is not null)
            await _eventIndexes.EnsureAsync();
        if (_metadataIndexes is not null)
            await _metadataIndexes.EnsureAsync();
        Volatile.Write(ref _ready, 1);
    }

    /// <summary>Runs a call within the call timeout and explains its failures.</summary>
    /// <exception cref="MongoStorageException">It failed.</exception>
    public Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation) => Connection.CallAsync(call, CallTimeout, cancellation);
}
