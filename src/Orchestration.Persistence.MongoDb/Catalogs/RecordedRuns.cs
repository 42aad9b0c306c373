using System.Collections.Immutable;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>Tells a run of the Python system as facts, so that it is shown like any other.</summary>
internal sealed class RecordedRuns(CatalogCollections collections)
{
    private const string Step = "actions";

    public async Task<Commit?> ReadAsync(OrchestrationId id, CancellationToken cancellation)
    {
        var run = ObjectId.Parse(id.Value);
        var document = await collections.CallAsync(
            token => collections.Orchestrations.Find(new BsonDocument { { Id, run }, { Own, new BsonDocument("$exists", false) } }).Project<BsonDocument>(new BsonDocument(ObjectMetrics, 0)).FirstOrDefaultAsync(token),
            cancellation);
        if (document is null)
            return null;
        var actions = new List<BsonDocument>();
        var query = new BsonDocument("$or", new BsonArray { new BsonDocument(OrchId, run), new BsonDocument($"{CatalogFields.Attempts}.{OrchId}", run) });
        await foreach (var action in collections.ReadAsync(collections.Actions.Find(query).Sort(new BsonDocument(CreationTs, 1)), cancellation))
            if (action[Id] is BsonObjectId && action.GetValue(ActionName, null) is BsonString)
                actions.Add(action);
        var objects = new Dictionary<BsonValue, ObjectReport>();
        foreach (var part in actions.Select(a => a[Id]).Chunk(500))
        {
            await foreach (var store in collections.ReadAsync(collections.ActionStore.Find(new BsonDocument(Id, new BsonDocument("$in", new BsonArray(part)))), cancellation))
                objects[store[Id]] = new ObjectReport(Accesses(store, ObjectsGet, run), Accesses(store, ObjectsPut, run), Accesses(store, ErrorGet, run));
        }

        return new Commit([.. Tell(id, document, actions, objects)]);
    }

    private static IEnumerable<Fact> Tell(OrchestrationId id, BsonDocument document, List<BsonDocument> actions, Dictionary<BsonValue, ObjectReport> objects)
    {
        var start = CatalogReads.StartOf(document);
        yield return new OrchestrationStarted(start, id, CatalogReads.NameOf(document), new Platform("", "", ""), null, JsonBytes.Null);
        for (var i = 0; i < actions.Count; i++)
        {
            var parameters = actions[i].GetValue(ActionParams, null) is BsonDocument known ? BsonJson.ToJson(known) : JsonBytes.EmptyObject;
            yield return new ActionsAdded(start, 0, i, ActionId.Parse(actions[i][Id].ToString()!), [new ActionSpec(actions[i][ActionName].AsString, parameters)]);
        }

        if (actions.Count > 0)
            yield return new BatchSealed(start, 0, Step, "", actions.Count, BatchOptions.Default);
        for (var i = 0; i < actions.Count; i++)
            foreach (var fact in Attempts(document[Id].AsObjectId, i, actions[i], objects.GetValueOrDefault(actions[i][Id], ObjectReport.None)))
                yield return fact;
        if (CatalogReads.TimeOf(document, FinishTs) is not { } finish)
            yield break;
        if (actions.Count > 0)
            yield return new BatchEnded(finish, 0);
        yield return new OrchestrationCompleted(finish, JsonBytes.Null);
    }

    // What the action did with objects stands with its last attempt: which one it was of is not told.
    private static IEnumerable<Fact> Attempts(ObjectId run, int index, BsonDocument action, ObjectReport objects)
    {
        var attempts = (action.GetValue(CatalogFields.Attempts, null) as BsonArray ?? []).OfType<BsonDocument>()
            .Select(a => (Run: a.GetValue(OrchId, BsonNull.Value), Start: CatalogReads.TimeOf(a, "start"), End: CatalogReads.TimeOf(a, "end")))
            .ToList();
        var activations = action.GetValue(ActivationIds, null) as BsonArray ?? [];
        var id = ActionId.Parse(action[Id].ToString()!);
        var error = action.GetValue(Error, BsonNull.Value);
        var own = attempts.Select((a, place) => (a.Run, a.Start, a.End, Place: place)).Where(a => a.Run == run && a.Start is not null && a.End is not null).ToList();
        for (var n = 0; n < own.Count; n++)
        {
            var (start, end, last) = (own[n].Start!.Value, own[n].End!.Value, n == own.Count - 1);
            var activation = activations.Count == attempts.Count && activations[own[n].Place] is BsonString known ? known.AsString : null;
            var timing = new ActivationTiming(start, end);
            yield return new AttemptStarted(start, 0, index, id, n + 1, TimeSpan.Zero);
            if (last && error is BsonNull)
                yield return new AttemptSucceeded(end, 0, index, n + 1, activation, timing, JsonBytes.Null, objects);
            else
                yield return new AttemptFailed(end, 0, index, n + 1, activation, timing, AttemptOutcome.ApplicationError, last ? FailureOf(error) : new Failure(null, "not recorded"), last ? objects : ObjectReport.None, last ? null : end, UsedRetry: true);
        }
    }

    private static Failure FailureOf(BsonValue error) => Failure.FromActionError(BsonJson.ToJson(error));

    private static ImmutableArray<ObjectAccess> Accesses(BsonDocument store, string member, ObjectId run) =>
    [
        .. RunObjects.Entries(store, member)
            .Where(e => e[OrchId] == run)
            .Select(e => ObjectKey.TryParse(e[CatalogFields.Object].AsString, out var key) ? new ObjectAccess(key, e.GetValue(Size, 0).ToInt64(), null, e[Time].ToUniversalTime()) : null)
            .OfType<ObjectAccess>(),
    ];
}
