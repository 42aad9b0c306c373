using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>Which collection a change is for.</summary>
internal enum ChangedCollection
{
    Actions,
    ActionStore,
}

/// <summary>
/// What the commits of one orchestration change in one document. The document keeps the number of the last commit that it holds, so that a change that was made is not
/// made again after a crash between two documents.
/// </summary>
internal sealed class DocumentChange(ChangedCollection collection, ObjectId id, long sequenceNr, bool upsert)
{
    // Arrays keep their last elements up to this size each, so that four of them stay under 12 MB, as does the update.
    private const int MaxArrayBytes = 2_800_000;

    private readonly Dictionary<string, BsonArray> _push = [];
    private readonly Dictionary<string, BsonArray> _addToSet = [];

    public ChangedCollection Collection => collection;

    public ObjectId Id => id;

    /// <summary>The first commit of this change.</summary>
    public long First { get; } = sequenceNr;

    /// <summary>The last commit of this change.</summary>
    public long Last { get; private set; } = sequenceNr;

    public bool Upsert { get; private set; } = upsert;

    public BsonDocument Set { get; } = [];

    public BsonDocument SetOnInsert { get; } = [];

    public void Push(string path, BsonValue value) => Add(_push, path, value);

    public void AddToSet(string path, BsonValue value) => Add(_addToSet, path, value);

    /// <summary>Adds a later change of the same document.</summary>
    public void Merge(DocumentChange later)
    {
        Last = later.Last;
        Upsert |= later.Upsert;
        Set.Merge(later.Set, overwriteExistingElements: true);
        SetOnInsert.Merge(later.SetOnInsert, overwriteExistingElements: false);
        foreach (var (path, values) in later._push)
            foreach (var value in values)
                Push(path, value);
        foreach (var (path, values) in later._addToSet)
            foreach (var value in values)
                AddToSet(path, value);
    }

    /// <summary>The update, which matches only a document that holds none of these commits.</summary>
    /// <param name="orchId">The orchestration.</param>
    /// <param name="withArrays">Whether arrays get longer; false for a document that has no room.</param>
    public UpdateOneModel<BsonDocument> ToModel(string orchId, bool withArrays = true)
    {
        var applied = CatalogFields.AppliedOf(orchId);
        var update = new BsonDocument("$set", new BsonDocument(Set) { { applied, Last } });
        if (withArrays && _push.Count > 0)
            update.Add("$push", new BsonDocument(_push.Select(p => new BsonElement(p.Key, Newest(p.Value, MostElements(p.Value))))));
        if (withArrays && _addToSet.Count > 0)
            update.Add("$addToSet", new BsonDocument(_addToSet.Select(p => new BsonElement(p.Key, new BsonDocument("$each", p.Value)))));
        var onInsert = new BsonDocument(SetOnInsert.Where(e => !Set.Contains(e.Name) && !(withArrays && (_push.ContainsKey(e.Name) || _addToSet.ContainsKey(e.Name)))));
        if (onInsert.ElementCount > 0)
            update.Add("$setOnInsert", onInsert);
        var filter = new BsonDocument { { CatalogFields.Id, id }, { applied, new BsonDocument("$not", new BsonDocument("$gte", First)) } };
        return new UpdateOneModel<BsonDocument>(filter, update) { IsUpsert = Upsert };
    }

    private static void Add(Dictionary<string, BsonArray> arrays, string path, BsonValue value)
    {
        if (!arrays.TryGetValue(path, out var values))
            arrays.Add(path, values = []);
        values.Add(value);
    }

    private static BsonDocument Newest(BsonArray values, int most) => new()
    {
        { "$each", new BsonArray(values.Skip(values.Count - most)) },
        { "$slice", -most },
    };

    private static int MostElements(BsonArray values) => Math.Max(1, MaxArrayBytes / values.Max(v => v is BsonDocument d ? d.ToBson().Length + 8 : 64));
}
