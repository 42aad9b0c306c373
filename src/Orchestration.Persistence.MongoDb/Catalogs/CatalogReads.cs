using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>Lists of runs, those of the old system among them: what it left out is unknown.</summary>
internal sealed class CatalogReads(CatalogCollections collections)
{
    /// <summary>The status of a run of the old system that has no end: nobody can tell whether it came to one.</summary>
    public const string Unknown = "unknown";

    private const string Ended = "completed";
    private const int MostIds = 500;

    private static readonly BsonDocument Newest = new() { { CreationTs, -1 }, { Id, -1 } };
    private static readonly BsonDocument WithoutMetrics = new(ObjectMetrics, 0);
    private static readonly BsonDocument Missing = new("$exists", false);

    public async Task<IReadOnlyList<RunSummary>> ListAsync(RunQuery query, CancellationToken cancellation)
    {
        if (query.Limit <= 0 || Filter(query) is not { } filter)
            return [];
        var find = collections.Orchestrations.Find(filter).Sort(Newest).Project(WithoutMetrics);
        if (query.Limit < int.MaxValue)
            find = find.Limit(query.Limit);
        var documents = new List<BsonDocument>();
        await foreach (var document in collections.ReadAsync(find, cancellation))
            documents.Add(document);
        var tallies = await TallyAsync([.. documents.Where(d => !d.Contains(Own)).Select(d => d[Id])], cancellation);
        return [.. documents.Select(d => d.Contains(Own) ? OfOwn(d) : OfOld(d, tallies))];
    }

    public async Task<IReadOnlyList<OrchestrationId>> FindOldAsync(string idPrefix, int limit, CancellationToken cancellation)
    {
        if (Filter(new RunQuery(IdPrefix: idPrefix)) is not { } filter)
            return [];
        filter[Own] = Missing;
        var find = collections.Orchestrations.Find(filter).Sort(new BsonDocument(Id, -1)).Project(new BsonDocument(Id, 1));
        if (limit < int.MaxValue)
            find = find.Limit(limit);
        var ids = new List<OrchestrationId>();
        await foreach (var document in collections.ReadAsync(find, cancellation))
            if (OrchestrationId.TryParse(document[Id].ToString(), out var id))
                ids.Add(id);
        return ids;
    }

    private static BsonDocument? Filter(RunQuery query)
    {
        var filter = new BsonDocument();
        if (query.IdPrefix is { Length: > 0 } prefix)
        {
            if (prefix.Length > 24 || !prefix.All(char.IsAsciiHexDigit))
                return null;
            filter[Id] = new BsonDocument { { "$gte", ObjectId.Parse(prefix.PadRight(24, '0')) }, { "$lte", ObjectId.Parse(prefix.PadRight(24, 'f')) } };
        }

        if (query.Name is { } name)
            filter[Name] = name;
        if (query.Status == Unknown)
            filter.Add(Own, Missing).Add(FinishTs, Missing);
        else if (query.Status == Ended)
            filter["$or"] = new BsonArray { new BsonDocument(OwnOf(Status), Ended), new BsonDocument { { Own, Missing }, { FinishTs, new BsonDocument("$exists", true) } } };
        else if (query.Status is { } status)
            filter[OwnOf(Status)] = status;
        return filter;
    }

    private static RunSummary OfOwn(BsonDocument document)
    {
        var progress = RunProgress.Of(document);
        var own = document[Own].AsBsonDocument;
        return new RunSummary(
            OrchestrationId.Parse(document[Id].ToString()!), document[Name].AsString, own[Status].AsString, progress.Start, TimeOf(document, FinishTs), progress.Actions, progress.Succeeded,
            progress.Failed, progress.Attempts, progress.ActionTime, own[Reason] is BsonString reason ? reason.AsString : null);
    }

    private static RunSummary OfOld(BsonDocument document, Dictionary<BsonValue, Tally> tallies)
    {
        var finished = TimeOf(document, FinishTs);
        var tally = tallies.GetValueOrDefault(document[Id]) ?? new Tally();
        var actionTime = document.GetValue(ActionTimeTaken, BsonNull.Value) is { IsNumeric: true } taken ? taken.ToDouble() : tally.Time;
        return new RunSummary(
            OrchestrationId.Parse(document[Id].ToString()!), NameOf(document), finished is null ? Unknown : Ended, StartOf(document), finished, tally.Actions, tally.Succeeded, tally.Failed,
            tally.Attempts, actionTime, null);
    }

    /// <summary>A run's name; empty in the oldest data, which has none.</summary>
    public static string NameOf(BsonDocument orchestration) => orchestration.GetValue(Name, null) is BsonString name ? name.AsString : "";

    /// <summary>When a run started; where that is not told, when its id was made.</summary>
    public static DateTimeOffset StartOf(BsonDocument orchestration) => TimeOf(orchestration, CreationTs) ?? new DateTimeOffset(orchestration[Id].AsObjectId.CreationTime);

    /// <summary>A time; null where there is none.</summary>
    public static DateTimeOffset? TimeOf(BsonDocument document, string member) => document.GetValue(member, null) is BsonDateTime time ? time.ToUniversalTime() : null;

    private async Task<Dictionary<BsonValue, Tally>> TallyAsync(List<BsonValue> runs, CancellationToken cancellation)
    {
        var tallies = new Dictionary<BsonValue, Tally>();
        foreach (var part in runs.Chunk(MostIds))
        {
            var find = collections.Actions.Find(new BsonDocument(OrchId, new BsonDocument("$in", new BsonArray(part))))
                .Project(new BsonDocument { { OrchId, 1 }, { CatalogFields.Attempts, 1 }, { Error, 1 } });
            await foreach (var action in collections.ReadAsync(find, cancellation))
            {
                if (!tallies.TryGetValue(action[OrchId], out var tally))
                    tallies.Add(action[OrchId], tally = new Tally());
                tally.Add(action);
            }
        }

        return tallies;
    }

    /// <summary>What the actions of a run of the old system add up to.</summary>
    private sealed class Tally
    {
        public int Actions { get; private set; }

        public int Succeeded { get; private set; }

        public int Failed { get; private set; }

        public int Attempts { get; private set; }

        public double Time { get; private set; }

        public void Add(BsonDocument action)
        {
            var attempts = (action.GetValue(CatalogFields.Attempts, null) as BsonArray ?? []).OfType<BsonDocument>().ToList();
            var failed = action.GetValue(Error, BsonNull.Value) is not BsonNull;
            Actions++;
            Attempts += attempts.Count;
            Time += attempts.Sum(a => a.GetValue(CatalogFields.Time, 0) is { IsNumeric: true } seconds ? seconds.ToDouble() : 0);
            Failed += failed ? 1 : 0;
            Succeeded += !failed && attempts.Count > 0 ? 1 : 0;
        }
    }
}
