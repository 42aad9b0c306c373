using MongoDB.Bson;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>
/// What a run did with objects, summed up from <c>action_store</c> when it ends: what was reported to the orchestrator and what actions with the old package wrote there themselves.
/// </summary>
internal sealed class RunObjects(ObjectId run)
{
    private const int MaxMetricsBytes = 8_000_000;

    private readonly Dictionary<string, Usage> _puts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Usage> _gets = new(StringComparer.Ordinal);

    public void Add(BsonDocument actionStore)
    {
        Add(_puts, actionStore, ObjectsPut);
        Add(_gets, actionStore, ObjectsGet);
    }

    /// <summary>Bytes of the object that was read but never written (of several, the one whose last read is earliest); 0 when there is none.</summary>
    public BsonValue InputSize() => BsonJson.Integer(_gets.Where(g => !_puts.ContainsKey(g.Key)).OrderBy(g => g.Value.Last).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value.Size).FirstOrDefault());

    /// <summary>Name, lifetime and size of each object written. Beyond what a document holds, the rest is one entry with the same product of lifetime and size, which is what costs come from.</summary>
    /// <param name="finish">When the run ended.</param>
    public BsonArray Metrics(DateTime finish)
    {
        var metrics = new BsonArray();
        var (bytes, others, size, product) = (0, 0, 0L, 0.0);
        foreach (var (name, put) in _puts.OrderBy(p => p.Value.First).ThenBy(p => p.Key, StringComparer.Ordinal))
        {
            var lifetime = Math.Max(0, (finish - put.First).TotalSeconds);
            var metric = Metric(name, lifetime, put.Size);
            bytes += metric.ToBson().Length + 8;
            if (bytes <= MaxMetricsBytes)
                metrics.Add(metric);
            else
                (others, size, product) = (others + 1, size + put.Size, product + lifetime * put.Size);
        }

        if (others > 0)
            metrics.Add(Metric($"({others} others)", size == 0 ? 0 : product / size, size));
        return metrics;
    }

    private static BsonDocument Metric(string name, double lifetime, long size) => new() { { Name, name }, { "lifetime", lifetime }, { "size_written", BsonJson.Integer(size) } };

    private void Add(Dictionary<string, Usage> usages, BsonDocument actionStore, string member)
    {
        foreach (var entry in Entries(actionStore, member).Where(e => e[OrchId] == run))
        {
            var (name, time) = (entry[CatalogFields.Object].AsString, entry[Time].ToUniversalTime());
            var size = entry.GetValue(Size, 0).ToInt64();
            usages[name] = usages.TryGetValue(name, out var known)
                ? new Usage(time < known.First ? time : known.First, time >= known.Last ? time : known.Last, time >= known.Last ? size : known.Size)
                : new Usage(time, time, size);
        }
    }

    /// <summary>The entries of an array of accesses that say which object, run and time; none when there is no array.</summary>
    public static IEnumerable<BsonDocument> Entries(BsonDocument actionStore, string member) =>
        (actionStore.GetValue(member, null) as BsonArray ?? []).OfType<BsonDocument>()
            .Where(e => e.GetValue(OrchId, null) is BsonObjectId && e.GetValue(CatalogFields.Object, null) is BsonString && e.GetValue(Time, null) is BsonDateTime);

    private readonly record struct Usage(DateTime First, DateTime Last, long Size);
}
