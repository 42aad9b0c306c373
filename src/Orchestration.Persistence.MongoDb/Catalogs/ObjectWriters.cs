using System.Collections.Immutable;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>Who wrote an object last, whoever recorded it: this orchestrator, or the old package from inside an action.</summary>
internal sealed class ObjectWriters(CatalogCollections collections)
{
    private const int MostKeys = 500;

    public async Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation)
    {
        var latest = new Dictionary<string, Put>(StringComparer.Ordinal);
        foreach (var part in keys.Select(k => k.Value).Chunk(MostKeys))
        {
            var wanted = part.ToHashSet(StringComparer.Ordinal);
            var find = collections.ActionStore.Find(new BsonDocument($"{ObjectsPut}.{CatalogFields.Object}", new BsonDocument("$in", new BsonArray(part))));
            await foreach (var document in collections.ReadAsync(find.Project(new BsonDocument { { ObjectsPut, 1 }, { ObjectsGet, 1 }, { Own, 1 } }), cancellation))
                Take(document, wanted, latest);
        }

        var actions = await ReadActionsAsync(latest.Values.Where(p => !p.IsInJournal).Select(p => p.Action).Distinct(), cancellation);
        var writers = new Dictionary<ObjectKey, ObjectWriter>();
        foreach (var key in keys)
        {
            if (latest.TryGetValue(key.Value, out var put) && WriterOf(put, actions) is { } writer)
                writers[key] = writer;
        }

        return writers;
    }

    private static void Take(BsonDocument document, HashSet<string> wanted, Dictionary<string, Put> latest)
    {
        if (document[Id] is not BsonObjectId action)
            return;
        var own = document.GetValue(Own, null) as BsonDocument ?? [];
        var told = own.GetValue(Applied, null) as BsonDocument ?? [];
        var failed = RunObjects.Entries(own, FailedPuts).Select(Mark).ToHashSet();
        foreach (var entry in RunObjects.Entries(document, ObjectsPut).Where(e => wanted.Contains(e[CatalogFields.Object].AsString) && !failed.Contains(Mark(e))))
        {
            var (key, time) = (entry[CatalogFields.Object].AsString, entry[Time].ToUniversalTime());
            if (latest.TryGetValue(key, out var known) && known.Time > time)
                continue;
            // Only what was reported to the orchestrator stands in its journal.
            var run = entry[OrchId].AsObjectId;
            var inputs = RunObjects.Entries(document, ObjectsGet).Where(g => g[OrchId] == run).Select(g => g[CatalogFields.Object].AsString);
            latest[key] = new Put(time, run, action.Value, told.Contains(run.ToString()), [.. inputs.Distinct(StringComparer.Ordinal)]);
        }
    }

    private static (ObjectId, string, DateTime) Mark(BsonDocument entry) => (entry[OrchId].AsObjectId, entry[CatalogFields.Object].AsString, entry[Time].ToUniversalTime());

    private static ObjectWriter? WriterOf(Put put, Dictionary<ObjectId, BsonDocument> actions)
    {
        var run = OrchestrationId.Parse(put.Run.ToString());
        if (put.IsInJournal)
            return new ObjectWriter(run, null);
        if (!actions.TryGetValue(put.Action, out var document)
            || document.GetValue(ActionName, null) is not BsonString name
            || document.GetValue(ActionParams, null) is not BsonDocument parameters
            || BsonJson.IsOmitted(parameters))
        {
            return null;
        }

        ImmutableArray<ObjectKey> inputs = [.. put.Inputs.Select(i => ObjectKey.TryParse(i, out var key) ? key : (ObjectKey?)null).OfType<ObjectKey>()];
        var action = new LineageAction(ActionId.Parse(put.Action.ToString()), new ActionSpec(name.Value, BsonJson.ToJson(parameters)), inputs, $"{name.Value} of run {run}");
        return new ObjectWriter(run, action);
    }

    private async Task<Dictionary<ObjectId, BsonDocument>> ReadActionsAsync(IEnumerable<ObjectId> ids, CancellationToken cancellation)
    {
        var found = new Dictionary<ObjectId, BsonDocument>();
        foreach (var part in ids.Chunk(MostKeys))
        {
            var find = collections.Actions.Find(new BsonDocument(Id, new BsonDocument("$in", new BsonArray(part)))).Project(new BsonDocument { { ActionName, 1 }, { ActionParams, 1 } });
            await foreach (var document in collections.ReadAsync(find, cancellation))
                found[document[Id].AsObjectId] = document;
        }

        return found;
    }

    private sealed record Put(DateTime Time, ObjectId Run, ObjectId Action, bool IsInJournal, ImmutableArray<string> Inputs);
}
