using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>
/// Stores what commits change. There are no transactions: the documents of actions come first, and the orchestration's document with the cursor last. What a crash between them
/// left is found by the number of the last commit that each document keeps, and not changed twice.
/// </summary>
internal sealed class CatalogWrites(CatalogCollections collections)
{
    private const int MaxWrites = 500;
    private const int DocumentTooLarge = 17419;
    private const int ObjectTooLarge = 10334;

    /// <summary>Applies commits of one orchestration.</summary>
    /// <param name="progress">Where its projection stands.</param>
    /// <param name="batch">Its commits.</param>
    /// <param name="cancellation">Gives up between two calls.</param>
    /// <exception cref="MongoStorageException">MongoDB failed, or another process projects the same orchestration.</exception>
    public async Task ApplyAsync(RunProgress progress, CatalogBatch batch, CancellationToken cancellation)
    {
        var before = progress.Cursor;
        var fold = new RunFold(batch.Id, progress);
        fold.Apply(batch);
        if (progress.Cursor == before)
            return;
        await WriteAsync(collections.Actions, batch.Id, [.. fold.Changes.Where(c => c.Collection == ChangedCollection.Actions)], cancellation);
        await WriteAsync(collections.ActionStore, batch.Id, [.. fold.Changes.Where(c => c.Collection == ChangedCollection.ActionStore)], cancellation);
        if (fold.Finish is { } finish)
            await SumUpAsync(batch.Id, finish.UtcDateTime, fold.Set, cancellation);
        progress.AddTo(fold.Set);
        await MoveAsync(batch.Id, before, fold, cancellation);
    }

    private async Task WriteAsync(IMongoCollection<BsonDocument> collection, OrchestrationId id, List<DocumentChange> changes, CancellationToken cancellation)
    {
        foreach (var part in Merge(changes).Chunk(MaxWrites))
        {
            if (await WriteTogetherAsync(collection, [.. part.Select(c => c.ToModel(id.Value))], cancellation))
                continue;
            // Some documents hold a part of it already, or have no room.
            var ids = part.Select(c => c.Id).ToHashSet();
            foreach (var change in changes.Where(c => ids.Contains(c.Id)))
                await WriteOneAsync(collection, id, change, cancellation);
        }
    }

    private static IEnumerable<DocumentChange> Merge(List<DocumentChange> changes)
    {
        foreach (var ofDocument in changes.GroupBy(c => c.Id))
        {
            var first = ofDocument.First();
            var merged = new DocumentChange(first.Collection, first.Id, first.First, first.Upsert);
            foreach (var change in ofDocument)
                merged.Merge(change);
            yield return merged;
        }
    }

    /// <summary>Whether every document was changed.</summary>
    private async Task<bool> WriteTogetherAsync(IMongoCollection<BsonDocument> collection, List<UpdateOneModel<BsonDocument>> models, CancellationToken cancellation)
    {
        try
        {
            var result = await collections.CallAsync(token => WriteOrTellAsync(collection, models, token), cancellation);
            return result is not null && result.MatchedCount + result.Upserts.Count == models.Count;
        }
        catch (MongoStorageException e) when (IsTooLarge(e.InnerException))
        {
            return false;
        }
    }

    /// <summary>Null when only upserts failed because their documents are there and hold the change.</summary>
    private static async Task<BulkWriteResult<BsonDocument>?> WriteOrTellAsync(IMongoCollection<BsonDocument> collection, List<UpdateOneModel<BsonDocument>> models, CancellationToken cancellation)
    {
        try
        {
            return await collection.BulkWriteAsync(models, new BulkWriteOptions { IsOrdered = false }, cancellation);
        }
        catch (MongoBulkWriteException<BsonDocument> e) when (e.WriteConcernError is null && e.WriteErrors.All(MongoErrors.IsDuplicateKey))
        {
            return null;
        }
    }

    private async Task WriteOneAsync(IMongoCollection<BsonDocument> collection, OrchestrationId id, DocumentChange change, CancellationToken cancellation)
    {
        try
        {
            await collections.CallAsync(token => WriteOrTellAsync(collection, [change.ToModel(id.Value)], token), cancellation);
        }
        catch (MongoStorageException e) when (IsTooLarge(e.InnerException))
        {
            await collections.CallAsync(token => WriteOrTellAsync(collection, [change.ToModel(id.Value, withArrays: false)], token), cancellation);
        }
    }

    private async Task SumUpAsync(OrchestrationId id, DateTime finish, BsonDocument set, CancellationToken cancellation)
    {
        var run = ObjectId.Parse(id.Value);
        var objects = new RunObjects(run);
        var query = new BsonDocument("$or", new BsonArray { new BsonDocument($"{ObjectsPut}.{OrchId}", run), new BsonDocument($"{ObjectsGet}.{OrchId}", run) });
        var projection = new BsonDocument { { ObjectsPut, 1 }, { ObjectsGet, 1 } };
        await foreach (var document in collections.ReadAsync(collections.ActionStore.Find(query).Project(projection), cancellation))
            objects.Add(document);
        set[ObjectMetrics] = objects.Metrics(finish);
        set[InputSize] = objects.InputSize();
    }

    private async Task MoveAsync(OrchestrationId id, long before, RunFold fold, CancellationToken cancellation)
    {
        var query = new BsonDocument { { Id, ObjectId.Parse(id.Value) }, { OwnOf(Cursor), before == 0 ? new BsonDocument("$exists", false) : before } };
        var update = new BsonDocument("$set", fold.Set);
        if (fold.Unset.ElementCount > 0)
            update.Add("$unset", fold.Unset);
        var model = new UpdateOneModel<BsonDocument>(query, update) { IsUpsert = before == 0 };
        if (!await WriteTogetherAsync(collections.Orchestrations, [model], cancellation))
            throw new MongoStorageException($"Orchestration {id} was projected beyond commit {before} meanwhile, by another process. Nothing is lost; it is tried again from there.");
    }

    private static bool IsTooLarge(Exception? e) => e is MongoBulkWriteException { WriteErrors: var errors } && errors.Any(w => w.Code is DocumentTooLarge or ObjectTooLarge);
}
