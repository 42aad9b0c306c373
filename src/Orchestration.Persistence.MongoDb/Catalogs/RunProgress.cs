using MongoDB.Bson;
using Orchestration.Core.Identity;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>An attempt that has started and not ended.</summary>
internal sealed record OpenAttempt(ActionId Action, int Attempt, DateTimeOffset Start);

/// <summary>Where the projection of one orchestration stands, as its document keeps it: the cursor with all that later commits build on.</summary>
internal sealed class RunProgress
{
    public long Cursor { get; set; }

    public DateTimeOffset Start { get; set; }

    public int Actions { get; set; }

    public int Succeeded { get; set; }

    public int Failed { get; set; }

    public int Attempts { get; set; }

    /// <summary>Seconds, of all ended attempts.</summary>
    public double ActionTime { get; set; }

    /// <summary>Seconds, of the attempts that the platform ran.</summary>
    public double RunTime { get; set; }

    /// <summary>By batch and place; no more than may be in flight.</summary>
    public Dictionary<(int Batch, int Index), OpenAttempt> Open { get; } = [];

    /// <summary>Reads it from an orchestration's document; a new one without.</summary>
    public static RunProgress Of(BsonDocument? document)
    {
        var progress = new RunProgress();
        if (document is null || !document.TryGetValue(CatalogFields.Own, out var own))
            return progress;
        var values = own.AsBsonDocument;
        progress.Cursor = values[CatalogFields.Cursor].ToInt64();
        progress.Start = document[CatalogFields.CreationTs].ToUniversalTime();
        progress.Actions = values[CatalogFields.Actions].ToInt32();
        progress.Succeeded = values[CatalogFields.Succeeded].ToInt32();
        progress.Failed = values[CatalogFields.Failed].ToInt32();
        progress.Attempts = values[CatalogFields.AttemptCount].ToInt32();
        progress.ActionTime = values[CatalogFields.ActionTime].ToDouble();
        progress.RunTime = values[CatalogFields.RunTime].ToDouble();
        foreach (var open in values[CatalogFields.Open].AsBsonArray.Select(v => v.AsBsonArray))
            progress.Open[(open[0].ToInt32(), open[1].ToInt32())] = new OpenAttempt(ActionId.Parse(open[3].AsString), open[2].ToInt32(), open[4].ToUniversalTime());
        return progress;
    }

    /// <summary>Adds it to what is set on the orchestration's document.</summary>
    public void AddTo(BsonDocument set)
    {
        set[CatalogFields.OwnOf(CatalogFields.Cursor)] = Cursor;
        set[CatalogFields.OwnOf(CatalogFields.Actions)] = Actions;
        set[CatalogFields.OwnOf(CatalogFields.Succeeded)] = Succeeded;
        set[CatalogFields.OwnOf(CatalogFields.Failed)] = Failed;
        set[CatalogFields.OwnOf(CatalogFields.AttemptCount)] = Attempts;
        set[CatalogFields.OwnOf(CatalogFields.ActionTime)] = ActionTime;
        set[CatalogFields.OwnOf(CatalogFields.RunTime)] = RunTime;
        set[CatalogFields.OwnOf(CatalogFields.Open)] = new BsonArray(Open.Select(o =>
            new BsonArray { o.Key.Batch, o.Key.Index, o.Value.Attempt, o.Value.Action.Value, o.Value.Start.UtcDateTime }));
    }
}
