using System.Collections.Immutable;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>The numbers that the Python system stored of a run, as its cost tool takes them.</summary>
internal sealed class RecordedNumbers(CatalogCollections collections)
{
    public async Task<RecordedFigures?> ReadAsync(OrchestrationId id, CancellationToken cancellation)
    {
        var run = ObjectId.Parse(id.Value);
        var document = await collections.CallAsync(
            token => collections.Orchestrations.Find(new BsonDocument { { Id, run }, { Own, new BsonDocument("$exists", false) } }).FirstOrDefaultAsync(token), cancellation);
        if (document is null)
            return null;
        var attempts = new Dictionary<ActionId, ImmutableArray<double>>();
        await foreach (var action in collections.ReadAsync(collections.Actions.Find(new BsonDocument(OrchId, run)).Project(new BsonDocument(CatalogFields.Attempts, 1)), cancellation))
        {
            if (action[Id] is BsonObjectId)
                attempts[ActionId.Parse(action[Id].ToString()!)] = [.. Members(action, CatalogFields.Attempts).Select(a => Number(a, Time)).OfType<double>()];
        }

        return new RecordedFigures(Number(document, TimeTaken), Number(document, ActionTimeTaken), (long?)Number(document, InputSize), document.Contains(ObjectMetrics) ? Metrics(document) : default, attempts);
    }

    private static ImmutableArray<ObjectFigures> Metrics(BsonDocument document) =>
    [
        .. Members(document, ObjectMetrics)
            .Select(m => m.GetValue(Name, null) is BsonString name && ObjectKey.TryParse(name.AsString, out var key) && Number(m, "lifetime") is { } lifetime && Number(m, "size_written") is { } size
                ? new ObjectFigures(key, lifetime, (long)size)
                : null)
            .OfType<ObjectFigures>(),
    ];

    private static IEnumerable<BsonDocument> Members(BsonDocument document, string member) => (document.GetValue(member, null) as BsonArray ?? []).OfType<BsonDocument>();

    private static double? Number(BsonDocument document, string member) => document.GetValue(member, BsonNull.Value) is { IsNumeric: true } number ? number.ToDouble() : null;
}
