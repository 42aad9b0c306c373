using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Ports;
using Orchestration.Persistence.MongoDb.Journals;

namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// The journal <c>akka.persistence.journal.mongodb</c>, with the collections and documents of the plugin Akka.Persistence.MongoDb. Events are serialized in the journal's
/// own actor; all writes that wait are stored by one insert. A sequence number that is taken fails the write with a <see cref="ConcurrentWriterException"/>. Several events in
/// one write are one transaction, or are rejected where the server has none.
/// </summary>
public sealed class MongoDbJournal : AsyncWriteJournal
{
    private readonly JournalCollections _collections;
    private readonly JournalDocuments _documents;
    private readonly JournalWriter _writer;

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="config">The plugin's section, as in <c>hocon/mongodb.conf</c>.</param>
    /// <exception cref="ConfigurationException">A setting is not supported.</exception>
    /// <exception cref="MongoStorageException">The connection string cannot be used.</exception>
    public MongoDbJournal(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _collections = new JournalCollections(config);
        _documents = new JournalDocuments((ExtendedActorSystem)Context.System);
        _writer = new JournalWriter(_collections);
    }

    /// <inheritdoc/>
    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // A restarted actor may ask while a write of its last incarnation is still in line: the answer has to include it.
        await _writer.BarrierAsync();
        await _collections.PrepareAsync();
        return await _collections.CallAsync(
            async token => Math.Max(
                await HighestAsync(_collections.Events, persistenceId, token),
                await HighestAsync(_collections.Metadata, persistenceId, token)),
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback)
    {
        if (max <= 0 || fromSequenceNr > toSequenceNr)
            return;
        await _collections.PrepareAsync();
        var query = new BsonDocument
        {
            { StoredFields.PersistenceId, persistenceId },
            { StoredFields.SequenceNr, new BsonDocument { { "$gte", fromSequenceNr }, { "$lte", toSequenceNr } } },
        };
        var find = _collections.Events.Find(query).Sort(new BsonDocument(StoredFields.SequenceNr, 1));
        if (max <= int.MaxValue)
            find = find.Limit((int)max);
        using var cursor = await _collections.CallAsync(token => find.ToCursorAsync(token), CancellationToken.None);
        while (await _collections.CallAsync(token => cursor.MoveNextAsync(token), CancellationToken.None))
        {
            foreach (var document in cursor.Current)
                recoveryCallback(_documents.Read(document));
        }
    }

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var documents = new List<BsonDocument>();
        var results = ImmutableList.CreateBuilder<Exception?>();
        var persistenceId = "";
        var asOne = false;
        // Serialized before anything is awaited: afterwards this is not the actor's thread any more.
        var prepared = messages.Select(write => (Write: write, Documents: Prepare(write, out var failure), Failure: failure)).ToList();
        var refusal = prepared.Exists(p => p.Documents.Count > 1) ? await RefusalOfSeveralAsync(cancellationToken) : null;
        foreach (var (write, own, failure) in prepared)
        {
            var reason = failure ?? (own.Count > 1 ? refusal : null);
            results.Add(reason);
            if (reason is not null)
                continue;
            persistenceId = write.PersistenceId;
            asOne |= own.Count > 1;
            documents.AddRange(own);
        }

        if (documents.Count > 0)
        {
            var kind = documents.Count == 1 ? AppendKind.Single : asOne ? AppendKind.Transaction : AppendKind.InOrder;
            await _writer.AppendAsync(new AppendRequest(persistenceId, documents, kind));
        }

        return results.Exists(static e => e is not null) ? results.ToImmutable() : null;
    }

    /// <inheritdoc/>
    protected override async Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        await _writer.BarrierAsync();
        await _collections.PrepareAsync();
        await _collections.CallAsync(
            async token =>
            {
                // The number is kept before the events go, so that it cannot be lost between.
                var highest = await HighestAsync(_collections.Events, persistenceId, token);
                if (highest == 0)
                    return false;
                await _collections.Metadata.UpdateOneAsync(
                    new BsonDocument(StoredFields.PersistenceId, persistenceId),
                    new BsonDocument
                    {
                        { "$max", new BsonDocument(StoredFields.SequenceNr, new BsonInt64(highest)) },
                        { "$setOnInsert", new BsonDocument(StoredFields.Id, persistenceId) },
                    },
                    new UpdateOptions { IsUpsert = true },
                    token);
                await _collections.Events.DeleteManyAsync(
                    new BsonDocument { { StoredFields.PersistenceId, persistenceId }, { StoredFields.SequenceNr, new BsonDocument("$lte", toSequenceNr) } },
                    token);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _writer.Close();
        base.PostStop();
    }

    private static async Task<long> HighestAsync(IMongoCollection<BsonDocument> collection, string persistenceId, CancellationToken cancellation)
    {
        var found = await collection.Find(new BsonDocument(StoredFields.PersistenceId, persistenceId))
            .Sort(new BsonDocument(StoredFields.SequenceNr, -1))
            .Project(new BsonDocument { { StoredFields.Id, 0 }, { StoredFields.SequenceNr, 1 } })
            .FirstOrDefaultAsync(cancellation);
        return found is null ? 0 : found[StoredFields.SequenceNr].ToInt64();
    }

    /// <summary>The documents of one atomic write; none and the reason when its events cannot be serialized.</summary>
    private List<BsonDocument> Prepare(AtomicWrite write, out Exception? failure)
    {
        try
        {
            failure = null;
            return [.. ((IEnumerable<IPersistentRepresentation>)write.Payload).Select(_documents.Write)];
        }
        catch (Exception e)
        {
            failure = e;
            return [];
        }
    }

    private async Task<Exception?> RefusalOfSeveralAsync(CancellationToken cancellation)
    {
        if (!_collections.UseTransactions)
            return new NotSupportedException($"Several events in one write need a transaction, and {MongoDbPersistence.JournalId}.use-write-transaction is off. Set it to on, or persist one event at a time.");
        return await _collections.CallAsync(_collections.Connection.HasTransactionsAsync, cancellation)
            ? null
            : new NotSupportedException($"Several events in one write need a transaction, and MongoDB at {_collections.Connection.RedactedName} has none: it is no replica set. Make it one, or persist one event at a time.");
    }
}
