using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Persistence.MongoDb.Catalogs;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Pruning;

/// <summary>
/// What one run has in the three collections. Documents of actions may be of several runs, since an action that is run again in another run keeps its own: of these
/// only what the one run added goes, and those whose action belongs to a run of the old system stay as they are.
/// </summary>
internal sealed class PrunedCatalog(CatalogCollections collections)
{
    private const int MostIds = 500;

    private static readonly string[] Accesses = [ObjectsPut, ObjectsGet, ErrorGet];
    private static readonly BsonDocument Missing = new("$exists", false);

    public async Task<TouchedObjects> ReadObjectsAsync(ObjectId run, CancellationToken cancellation)
    {
        var (written, read) = (new HashSet<ObjectKey>(), new HashSet<ObjectKey>());
        var find = collections.ActionStore.Find(TouchedBy(run)).Project(new BsonDocument { { ObjectsPut, 1 }, { ObjectsGet, 1 } });
        await foreach (var document in collections.ReadAsync(find, cancellation))
        {
            Take(document, ObjectsPut, run, written);
            Take(document, ObjectsGet, run, read);
        }

        return new TouchedObjects(written, read);
    }

    public async Task<IReadOnlyDictionary<ObjectKey, IReadOnlySet<OrchestrationId>>> FindReadersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation)
    {
        var readers = new Dictionary<ObjectKey, HashSet<OrchestrationId>>();
        foreach (var part in keys.Select(k => k.Value).Chunk(MostIds))
        {
            var wanted = part.ToHashSet(StringComparer.Ordinal);
            var find = collections.ActionStore.Find(new BsonDocument($"{ObjectsGet}.{CatalogFields.Object}", new BsonDocument("$in", new BsonArray(part)))).Project(new BsonDocument(ObjectsGet, 1));
            await foreach (var document in collections.ReadAsync(find, cancellation))
            {
                foreach (var entry in RunObjects.Entries(document, ObjectsGet).Where(e => wanted.Contains(e[CatalogFields.Object].AsString)))
                {
                    var key = ObjectKey.Parse(entry[CatalogFields.Object].AsString);
                    if (!readers.TryGetValue(key, out var runs))
                        readers.Add(key, runs = []);
                    runs.Add(OrchestrationId.Parse(entry[OrchId].ToString()!));
                }
            }
        }

        return readers.ToDictionary(r => r.Key, IReadOnlySet<OrchestrationId> (r) => r.Value);
    }

    /// <summary>The documents of a run and of its actions, whole.</summary>
    public async Task<StoredAmount> MeasureAsync(ObjectId run, CancellationToken cancellation)
    {
        var actions = new List<BsonValue>();
        var amount = default(StoredAmount);
        await foreach (var document in collections.ReadAsync(collections.Actions.Find(new BsonDocument(OrchId, run)), cancellation))
        {
            actions.Add(document[Id]);
            amount += Amount(document);
        }

        foreach (var part in actions.Chunk(MostIds))
            await foreach (var document in collections.ReadAsync(collections.ActionStore.Find(In(part)), cancellation))
                amount += Amount(document);
        await foreach (var document in collections.ReadAsync(collections.Orchestrations.Find(new BsonDocument(Id, run)), cancellation))
            amount += Amount(document);
        return amount;
    }

    /// <summary>Removes a run, its own document last.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isRecorded">Whether it is one of the old system. One of the other kind is left as it is.</param>
    /// <param name="cancellation">Gives up between two calls.</param>
    public async Task RemoveAsync(ObjectId run, bool isRecorded, CancellationToken cancellation)
    {
        var own = new BsonDocument { { Id, run }, { CatalogFields.Own, new BsonDocument("$exists", !isRecorded) } };
        if (await collections.CallAsync(token => collections.Orchestrations.Find(own).Project(new BsonDocument(Id, 1)).FirstOrDefaultAsync(token), cancellation) is null)
            return;
        var owners = await ReadActionsAsync(run, cancellation);
        var recorded = await RecordedAmongAsync([.. owners.Values.Where(o => o != run).Distinct()], cancellation);
        foreach (var ofOwner in owners.Where(o => !recorded.Contains(o.Value)).GroupBy(o => o.Value, o => o.Key))
        {
            foreach (var part in ofOwner.Chunk(MostIds))
            {
                await CutAsync(collections.Actions, part, run, [CatalogFields.Attempts], cancellation);
                await CutAsync(collections.ActionStore, part, run, [.. Accesses, OwnOf(FailedPuts)], cancellation);
                await DeleteEmptyAsync(collections.ActionStore, part, Accesses, [], cancellation);
                // An action that another run made goes with the last of the runs that have a part in it.
                await DeleteEmptyAsync(collections.Actions, part, [CatalogFields.Attempts], new BsonDocument(AppliedOf(ofOwner.Key.ToString()!), Missing), cancellation);
            }
        }

        await collections.CallAsync(token => collections.Orchestrations.DeleteOneAsync(own, token), cancellation);
    }

    private static BsonDocument TouchedBy(ObjectId run) => new("$or", new BsonArray { new BsonDocument($"{ObjectsPut}.{OrchId}", run), new BsonDocument($"{ObjectsGet}.{OrchId}", run) });

    private static BsonDocument In(IEnumerable<BsonValue> ids) => new(Id, new BsonDocument("$in", new BsonArray(ids)));

    private static StoredAmount Amount(BsonDocument document) => new(0, 0, 1, document.ToBson().Length);

    private static void Take(BsonDocument document, string member, ObjectId run, HashSet<ObjectKey> keys)
    {
        foreach (var entry in RunObjects.Entries(document, member).Where(e => e[OrchId] == run))
            if (ObjectKey.TryParse(entry[CatalogFields.Object].AsString, out var key))
                keys.Add(key);
    }

    /// <summary>The actions that a run made or ran, with the run that made them.</summary>
    private async Task<Dictionary<BsonValue, BsonValue>> ReadActionsAsync(ObjectId run, CancellationToken cancellation)
    {
        var owners = new Dictionary<BsonValue, BsonValue>();
        var query = new BsonDocument("$or", new BsonArray { new BsonDocument(OrchId, run), new BsonDocument($"{CatalogFields.Attempts}.{OrchId}", run) });
        await foreach (var action in collections.ReadAsync(collections.Actions.Find(query).Project(new BsonDocument(OrchId, 1)), cancellation))
            owners[action[Id]] = action.GetValue(OrchId, BsonNull.Value);
        return owners;
    }

    private async Task<HashSet<BsonValue>> RecordedAmongAsync(IReadOnlyList<BsonValue> runs, CancellationToken cancellation)
    {
        var recorded = new HashSet<BsonValue>();
        foreach (var part in runs.Chunk(MostIds))
            await foreach (var document in collections.ReadAsync(collections.Orchestrations.Find(In(part).Add(CatalogFields.Own, Missing)).Project(new BsonDocument(Id, 1)), cancellation))
                recorded.Add(document[Id]);
        return recorded;
    }

    private async Task CutAsync(IMongoCollection<BsonDocument> collection, BsonValue[] ids, ObjectId run, string[] arrays, CancellationToken cancellation)
    {
        var update = new BsonDocument
        {
            { "$pull", new BsonDocument(arrays.Select(array => new BsonElement(array, new BsonDocument(OrchId, run)))) },
            { "$unset", new BsonDocument(AppliedOf(run.ToString()), "") },
        };
        await collections.CallAsync(token => collection.UpdateManyAsync(In(ids), update, cancellationToken: token), cancellation);
    }

    /// <summary>Deletes documents of which no other run has a part.</summary>
    private async Task DeleteEmptyAsync(IMongoCollection<BsonDocument> collection, BsonValue[] ids, string[] arrays, BsonDocument condition, CancellationToken cancellation)
    {
        var query = In(ids).AddRange(condition);
        query.Add("$and", new BsonArray(arrays.Select(array => new BsonDocument("$or", new BsonArray { new BsonDocument(array, Missing), new BsonDocument(array, new BsonDocument("$size", 0)) }))));
        await collections.CallAsync(token => collection.DeleteManyAsync(query, token), cancellation);
    }
}
