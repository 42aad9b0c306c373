namespace Orchestration.Persistence.MongoDb;

/// <summary>Gets a database ready before anything depends on it, so that whatever is wrong with it is told at once and in full.</summary>
public static class MongoDbSetup
{
    // An index of a large collection that is already there takes its time.
    private static readonly TimeSpan IndexPatience = TimeSpan.FromMinutes(10);

    /// <summary>Looks whether the server answers and takes the credentials, and makes the indexes of the journal, the snapshot store and the leases.</summary>
    /// <param name="options">Which database and collections, and whether indexes are made.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when all is there.</returns>
    /// <exception cref="MongoStorageException">The server does not answer within ten seconds, refuses the credentials, or the user may not make indexes.</exception>
    public static async Task PrepareAsync(MongoDbPersistenceOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = MongoConnection.Of(options.ConnectionString);
        await connection.PingAsync(cancellation);
        if (!options.AutoInitialize)
            return;
        CollectionIndexes[] all =
        [
            StorageIndexes.OfEvents(connection, connection.Collection(options.JournalCollection, options.CallTimeout)),
            StorageIndexes.OfMetadata(connection, connection.Collection(options.MetadataCollection, options.CallTimeout)),
            StorageIndexes.OfSnapshots(connection, connection.Collection(options.SnapshotCollection, options.CallTimeout)),
            StorageIndexes.OfSnapshots(connection, connection.Collection(options.SnapshotCollection + MongoDbPersistence.ChunksSuffix, options.CallTimeout)),
            StorageIndexes.OfLeases(connection, connection.Collection(MongoDbLeaseStore.DefaultCollection, options.CallTimeout)),
        ];
        foreach (var indexes in all)
            await connection.CallAsync(token => MadeAsync(indexes, token), IndexPatience, cancellation);
    }

    private static async Task<bool> MadeAsync(CollectionIndexes indexes, CancellationToken cancellation)
    {
        await indexes.EnsureAsync().WaitAsync(cancellation);
        return true;
    }
}
