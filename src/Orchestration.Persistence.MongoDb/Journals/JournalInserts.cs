using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb.Journals;

/// <summary>
/// Inserts, with what follows when it is not known whether they happened: they are tried again, and a document that is already there has
/// succeeded if it is the very same, else another writer was first.
/// </summary>
internal sealed class JournalInserts(JournalCollections collections)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Stores requests of one document each by one insert. Each request learns its own outcome.</summary>
    public async Task StoreTogetherAsync(List<AppendRequest> requests)
    {
        var tries = new Tries(collections);
        while (requests.Count > 0)
        {
            try
            {
                await tries.RunAsync(token => InsertAsync(null, [.. requests.Select(r => r.Documents[0])], ordered: false, token));
                requests.ForEach(r => r.Succeed());
                return;
            }
            catch (MongoBulkWriteException e)
            {
                requests = await SortOutAsync(requests, e, tries);
            }
            catch (Exception e) when (tries.MayGoOn(e))
            {
                await tries.PauseAsync();
            }
            catch (Exception e)
            {
                var failure = tries.Explain(e);
                requests.ForEach(r => r.Fail(failure));
                return;
            }
        }
    }

    /// <summary>Stores the documents of a request one behind the other, up to the first that is refused.</summary>
    public async Task StoreInOrderAsync(AppendRequest request)
    {
        var tries = new Tries(collections);
        var rest = request.Documents;
        while (true)
        {
            try
            {
                await tries.RunAsync(token => InsertAsync(null, rest, ordered: true, token));
                request.Succeed();
                return;
            }
            catch (MongoBulkWriteException e) when (e.WriteErrors.Count > 0 && MongoErrors.IsDuplicateKey(e.WriteErrors[0]))
            {
                var refused = rest[e.WriteErrors[0].Index];
                if (await OwnsAsync(request, refused, tries) is { } failure)
                {
                    request.Fail(failure);
                    return;
                }

                // It is there from the try before; so are those ahead of it.
                rest = [.. rest.Skip(e.WriteErrors[0].Index + 1)];
                if (rest.Count == 0)
                {
                    request.Succeed();
                    return;
                }
            }
            catch (Exception e) when (tries.MayGoOn(e))
            {
                await tries.PauseAsync();
            }
            catch (Exception e)
            {
                request.Fail(tries.Explain(e));
                return;
            }
        }
    }

    /// <summary>Stores the documents of a request in one transaction.</summary>
    public async Task StoreAsOneAsync(AppendRequest request)
    {
        var tries = new Tries(collections);
        while (true)
        {
            try
            {
                await tries.RunAsync(token => CommitAsync(request.Documents, token));
                request.Succeed();
                return;
            }
            catch (Exception e) when (e is MongoBulkWriteException { WriteErrors: [var error, ..] } && MongoErrors.IsDuplicateKey(error))
            {
                // Either all of them are there from the try before, or none is this writer's.
                var failure = await OwnsAsync(request, request.Documents[0], tries) ?? await OwnsAsync(request, request.Documents[^1], tries);
                if (failure is null)
                    request.Succeed();
                else
                    request.Fail(failure);
                return;
            }
            catch (Exception e) when (tries.MayGoOn(e))
            {
                await tries.PauseAsync();
            }
            catch (Exception e)
            {
                request.Fail(tries.Explain(e));
                return;
            }
        }
    }

    private async Task<bool> CommitAsync(IReadOnlyList<BsonDocument> documents, CancellationToken cancellation)
    {
        using var session = await collections.Connection.Client.StartSessionAsync(cancellationToken: cancellation);
        return await session.WithTransactionAsync(
            (s, token) => InsertAsync(s, documents, ordered: true, token),
            new TransactionOptions(ReadConcern.Snapshot, ReadPreference.Primary, collections.Events.Settings.WriteConcern),
            cancellation);
    }

    private async Task<bool> InsertAsync(IClientSessionHandle? session, IReadOnlyList<BsonDocument> documents, bool ordered, CancellationToken cancellation)
    {
        var options = new InsertManyOptions { IsOrdered = ordered };
        if (session is null)
            await collections.Events.InsertManyAsync(documents, options, cancellation);
        else
            await collections.Events.InsertManyAsync(session, documents, options, cancellation);
        return true;
    }

    /// <summary>Tells each request its outcome; gives those that must be tried again.</summary>
    private async Task<List<AppendRequest>> SortOutAsync(List<AppendRequest> requests, MongoBulkWriteException e, Tries tries)
    {
        var errors = e.WriteErrors.ToDictionary(error => error.Index);
        var again = new List<AppendRequest>();
        for (var i = 0; i < requests.Count; i++)
        {
            if (!errors.TryGetValue(i, out var error))
            {
                // Without the majority's word it is not known to be safe.
                if (e.WriteConcernError is null)
                    requests[i].Succeed();
                else
                    again.Add(requests[i]);
            }
            else if (!MongoErrors.IsDuplicateKey(error))
            {
                requests[i].Fail(tries.Explain(e));
            }
            else if (await OwnsAsync(requests[i], requests[i].Documents[0], tries) is { } failure)
            {
                requests[i].Fail(failure);
            }
            else
            {
                requests[i].Succeed();
            }
        }

        if (again.Count > 0 && !tries.MayGoOn(e))
        {
            again.ForEach(r => r.Fail(tries.Explain(e)));
            return [];
        }

        if (again.Count > 0)
            await tries.PauseAsync();
        return again;
    }

    /// <summary>Whether the stored document of this number is the one that was to be stored. Null when it is, else why the write fails.</summary>
    private async Task<Exception?> OwnsAsync(AppendRequest request, BsonDocument document, Tries tries)
    {
        while (true)
        {
            try
            {
                var stored = await tries.RunAsync(token => FindSafeAsync(document, token));
                // Every incarnation of a writer has an id of its own inside its payload, so equal bytes are the same write.
                if (stored is not null)
                    return stored[StoredFields.Payload].AsByteArray.AsSpan().SequenceEqual(document[StoredFields.Payload].AsByteArray) ? null : request.LostTo(document);
                var notYet = new TimeoutException("a document is stored and not yet by a majority of the servers.");
                if (!tries.MayGoOn(notYet))
                    return tries.Explain(notYet);
                await tries.PauseAsync();
            }
            catch (Exception e) when (tries.MayGoOn(e))
            {
                await tries.PauseAsync();
            }
            catch (Exception e)
            {
                return tries.Explain(e);
            }
        }
    }

    // In a replica set only what a majority has counts: the write that stored it may not have been confirmed.
    private async Task<BsonDocument?> FindSafeAsync(BsonDocument document, CancellationToken cancellation)
    {
        var events = await collections.Connection.HasTransactionsAsync(cancellation) ? collections.Events.WithReadConcern(ReadConcern.Majority) : collections.Events;
        return await events.Find(new BsonDocument(StoredFields.Id, document[StoredFields.Id])).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>How often and how long a write is tried.</summary>
    private sealed class Tries(JournalCollections collections)
    {
        private readonly DateTime _end = DateTime.UtcNow + collections.WriteBudget;
        private TimeSpan _pause = FirstPause;

        public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call)
        {
            using var timeout = new CancellationTokenSource(collections.CallTimeout);
            try
            {
                return await call(timeout.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"no answer within {collections.CallTimeout.TotalSeconds:0.#} s.", e);
            }
        }

        public bool MayGoOn(Exception e) => MongoErrors.IsPassing(e) && DateTime.UtcNow + _pause < _end;

        public async Task PauseAsync()
        {
            await Task.Delay(_pause);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }

        public Exception Explain(Exception e) => e is MongoException or TimeoutException ? MongoErrors.Explain(collections.Connection.RedactedName, e) : e;
    }
}
