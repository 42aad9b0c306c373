using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.MongoDb.Catalogs;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// The catalog in the collections <c>orchestrations</c>, <c>actions</c> and <c>action_store</c>, with the members of the Python system whose data and tools it serves; what that
/// system wrote is read too. Made from the journal, and made again from it where it is gone.
/// </summary>
public sealed class MongoDbCatalog : ICatalog, IObjectHistory
{
    /// <summary>The database that the Python system and its tools use.</summary>
    public const string DefaultDatabase = "openwhisk";

    private readonly CatalogCollections _collections;
    private readonly CatalogWrites _writes;
    private readonly CatalogReads _reads;
    private readonly ObjectWriters _writers;

    /// <summary>A catalog of a server; nothing is sent before the first question.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="database">The database, also another one than the connection string names.</param>
    /// <param name="createIndexes">Whether indexes are made on first use.</param>
    public MongoDbCatalog(MongoConnection connection, string database = DefaultDatabase, bool createIndexes = true)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _collections = new CatalogCollections(connection, database, createIndexes);
        _writes = new CatalogWrites(_collections);
        _reads = new CatalogReads(_collections);
        _writers = new ObjectWriters(_collections);
    }

    internal CatalogCollections Collections => _collections;

    /// <summary>Makes the indexes, unless that is not wanted or was done before.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when they are there.</returns>
    /// <exception cref="MongoStorageException">They cannot be made.</exception>
    public Task PrepareAsync(CancellationToken cancellation) => _collections.PrepareAsync(cancellation);

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public async Task<long> GetCursorAsync(OrchestrationId id, CancellationToken cancellation) =>
        (await ReadProgressAsync([id], cancellation)).TryGetValue(id, out var progress) ? progress.Cursor : 0;

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed; of what was to be applied a part may be stored, which is found when it is tried again.</exception>
    public async Task ApplyAsync(IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batches);
        cancellation.ThrowIfCancellationRequested();
        await _collections.PrepareAsync(cancellation);
        var progress = await ReadProgressAsync([.. batches.Select(b => b.Id)], cancellation);
        // Looked at before anything is stored: a gap refuses all of them.
        foreach (var batch in batches)
            RunFold.Check(batch, progress.GetValueOrDefault(batch.Id)?.Cursor ?? 0);
        foreach (var batch in batches)
            await _writes.ApplyAsync(progress.GetValueOrDefault(batch.Id) ?? new RunProgress(), batch, cancellation);
    }

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _reads.ListAsync(query, cancellation);
    }

    /// <inheritdoc/>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) => _writers.FindAsync(keys, cancellation);

    /// <summary>Finds runs that the Python system recorded, which no journal tells of.</summary>
    /// <param name="idPrefix">What their ids begin with; empty for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The ids, the last in order first.</returns>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<IReadOnlyList<OrchestrationId>> FindRecordedAsync(string idPrefix, int limit, CancellationToken cancellation) => _reads.FindOldAsync(idPrefix, limit, cancellation);

    /// <summary>Reads a run that the Python system recorded, told as facts as far as its data goes: results and the steps of the run are not in it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The facts; null when there is no such run of that system. Without an end nobody knows whether it came to one.</returns>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<Commit?> ReadRecordedAsync(OrchestrationId id, CancellationToken cancellation) => new RecordedRuns(_collections).ReadAsync(id, cancellation);

    /// <summary>Reads the numbers that the Python system stored of a run when it stopped, and of the attempts of its actions.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The numbers; null when there is no such run of that system.</returns>
    /// <exception cref="MongoStorageException">MongoDB failed.</exception>
    public Task<RecordedFigures?> ReadRecordedFiguresAsync(OrchestrationId id, CancellationToken cancellation) => new RecordedNumbers(_collections).ReadAsync(id, cancellation);

    private async Task<Dictionary<OrchestrationId, RunProgress>> ReadProgressAsync(IReadOnlyCollection<OrchestrationId> ids, CancellationToken cancellation)
    {
        var query = new BsonDocument(Id, new BsonDocument("$in", new BsonArray(ids.Select(i => ObjectId.Parse(i.Value)))));
        var found = new Dictionary<OrchestrationId, RunProgress>();
        await foreach (var document in _collections.ReadAsync(_collections.Orchestrations.Find(query).Project(new BsonDocument { { CreationTs, 1 }, { Own, 1 } }), cancellation))
            found[OrchestrationId.Parse(document[Id].ToString()!)] = RunProgress.Of(document);
        return found;
    }
}
