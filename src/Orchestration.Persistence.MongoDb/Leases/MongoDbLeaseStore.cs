using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;
using Orchestration.Persistence.MongoDb.Leases;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// Leases in a collection, one document for each unfinished orchestration. Whoever takes a lease changes the document only as it was looked at
/// (<c>renewed</c> and <c>process</c> unchanged), so that of two who find it run out one gets it, and its old holder when that renews first. Each instance
/// is a holder of its own.
/// </summary>
public sealed class MongoDbLeaseStore : ILeaseStore
{
    /// <summary>The collection's name when none is given.</summary>
    public const string DefaultCollection = "Leases";

    private const int MaxTries = 20;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly MongoConnection _connection;
    private readonly IMongoCollection<BsonDocument> _leases;
    private readonly LeaseHolder _self;
    private readonly CollectionIndexes? _indexes;

    /// <summary>Makes this process a holder. Nothing is sent yet.</summary>
    /// <param name="connection">Where the leases are.</param>
    /// <param name="duration">How long a lease lives on without being renewed; at least 100 ms.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="autoInitialize">Whether to make its index on first use.</param>
    /// <exception cref="MongoStorageException">The connection string names no database.</exception>
    public MongoDbLeaseStore(MongoConnection connection, TimeSpan duration, string collection = DefaultCollection, bool autoInitialize = true)
        : this(connection, duration, collection, autoInitialize, LocalProcess.Holder())
    {
    }

    internal MongoDbLeaseStore(MongoConnection connection, TimeSpan duration, string collection, bool autoInitialize, LeaseHolder self)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromMilliseconds(100));
        (_connection, Duration, _self) = (connection, duration, self);
        _leases = connection.Collection(collection, CallTimeout);
        if (autoInitialize)
            _indexes = StorageIndexes.OfLeases(connection, _leases);
    }

    /// <inheritdoc/>
    public TimeSpan Duration { get; }

    /// <inheritdoc/>
    public Task<Lease> AcquireAsync(OrchestrationId id, bool takeOver, CancellationToken cancellation) => CallAsync(
        async token =>
        {
            for (var tries = 1; ; tries++)
            {
                var found = await _leases.Find(new BsonDocument(LeaseDocuments.Id, id.Value)).FirstOrDefaultAsync(token);
                if (found is not null && LeaseDocuments.Read(found, await ServerTimeAsync(token), _self) is { IsLive: true, IsOurs: false } other && !takeOver)
                    return other;
                if (await TryTakeAsync(id, found, token) is { } taken)
                    return LeaseDocuments.Read(taken, await ServerTimeAsync(token), _self);
                if (tries == MaxTries)
                    throw new MongoStorageException($"The lease of the orchestration {id} in MongoDB at {_connection.RedactedName} was taken by others {MaxTries} times while this process tried to. Try again.");
            }
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlySet<OrchestrationId>> RenewAsync(CancellationToken cancellation) => CallAsync<IReadOnlySet<OrchestrationId>>(
        async token =>
        {
            await _leases.UpdateManyAsync(Ours(), new BsonDocument { { "$set", new BsonDocument(LeaseDocuments.Duration, (long)Duration.TotalMilliseconds) }, RenewNow() }, cancellationToken: token);
            var held = await _leases.Find(Ours()).Project(new BsonDocument(LeaseDocuments.Id, 1)).ToListAsync(token);
            return held.Select(d => OrchestrationId.Parse(d[LeaseDocuments.Id].AsString)).ToHashSet();
        },
        cancellation);

    /// <inheritdoc/>
    public Task NoteAsync(OrchestrationId id, IndexEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var noted = LeaseDocuments.Noted(entry);
        if (entry.Quarantine is not null)
            noted.Add(LeaseDocuments.Process, BsonNull.Value);
        return CallAsync(token => _leases.UpdateOneAsync(Ours(id), new BsonDocument("$set", noted), cancellationToken: token), cancellation);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(OrchestrationId id, CancellationToken cancellation) => CallAsync(token => _leases.DeleteOneAsync(Ours(id), token), cancellation);

    /// <inheritdoc/>
    public Task ReleaseAsync(OrchestrationId? id, CancellationToken cancellation) => CallAsync(
        token => _leases.UpdateManyAsync(id is { } one ? Ours(one) : Ours(), new BsonDocument("$set", new BsonDocument(LeaseDocuments.Process, BsonNull.Value)), cancellationToken: token),
        cancellation);

    /// <inheritdoc/>
    public async Task<Lease?> FindAsync(OrchestrationId id, CancellationToken cancellation) =>
        (await ReadAsync(new BsonDocument(LeaseDocuments.Id, id.Value), cancellation)) is [var lease] ? lease : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Lease>> ListAsync(CancellationToken cancellation) => ReadAsync([], cancellation);

    private static BsonElement RenewNow() => new("$currentDate", new BsonDocument(LeaseDocuments.Renewed, true));

    private BsonDocument Ours() => new(LeaseDocuments.Process, _self.Process);

    private BsonDocument Ours(OrchestrationId id) => new() { { LeaseDocuments.Id, id.Value }, { LeaseDocuments.Process, _self.Process } };

    /// <summary>Takes a lease if its document is as it was found; null when it is not.</summary>
    private async Task<BsonDocument?> TryTakeAsync(OrchestrationId id, BsonDocument? found, CancellationToken cancellation)
    {
        var query = new BsonDocument
        {
            { LeaseDocuments.Id, id.Value },
            { LeaseDocuments.Renewed, found?[LeaseDocuments.Renewed] ?? BsonNull.Value },
            { LeaseDocuments.Process, found?[LeaseDocuments.Process] ?? BsonNull.Value },
        };
        var update = new BsonDocument { { "$set", LeaseDocuments.Taken(_self, Duration) }, RenewNow() };
        try
        {
            return await _leases.FindOneAndUpdateAsync<BsonDocument>(
                query, update, new FindOneAndUpdateOptions<BsonDocument> { IsUpsert = found is null, ReturnDocument = ReturnDocument.After }, cancellation);
        }
        catch (MongoException e) when (MongoErrors.IsDuplicateKey(e))
        {
            return null;
        }
    }

    private Task<IReadOnlyList<Lease>> ReadAsync(BsonDocument query, CancellationToken cancellation) => CallAsync<IReadOnlyList<Lease>>(
        async token =>
        {
            var found = await _leases.Find(query).ToListAsync(token);
            if (found.Count == 0)
                return [];
            var now = await ServerTimeAsync(token);
            return [.. found.Select(document => LeaseDocuments.Read(document, now, _self))];
        },
        cancellation);

    // https://www.mongodb.com/docs/manual/reference/command/hello/: the time is always there.
    private async Task<DateTimeOffset> ServerTimeAsync(CancellationToken cancellation) =>
        (await _connection.Client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), ReadPreference.Primary, cancellation))["localTime"].ToUniversalTime();

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        if (_indexes is not null)
            await _indexes.EnsureAsync();
        return await _connection.CallAsync(call, CallTimeout, cancellation);
    }
}
