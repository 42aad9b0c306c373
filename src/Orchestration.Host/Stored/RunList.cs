using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Storage;

namespace Orchestration.Host.Stored;

/// <summary>Lists runs: what has ended from the catalog, and from the journal what the catalog may not have caught up with.</summary>
internal static class RunList
{
    /// <summary>What a run can be, as lists and filters name it.</summary>
    public static readonly IReadOnlyList<string> Statuses = ["running", "interrupted", "completed", "failed", "cancelled", "unknown", DamagedRunException.Status];

    private const int SchemaVersion = 1;

    /// <summary>Reads the newest runs that match; null matches all.</summary>
    /// <param name="storage">Where they are.</param>
    /// <param name="query">Which ones.</param>
    /// <param name="page">Which part of them.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IReadOnlyList<RunSummary>> ReadAsync(RunStorage storage, RunQuery query, RunPage page, CancellationToken cancellation)
    {
        using var runs = new StoredRuns(storage);
        var known = (await runs.ReadCatalogAsync(cancellation)).ToDictionary(run => run.Id);
        var prefix = query.IdPrefix ?? "";
        var ids = runs.Find(prefix, int.MaxValue);
        // What has ended and stands in the catalog alone is left of a removal that was cut off.
        var lost = known.Values.Where(run => run.Id.Value.StartsWith(prefix, StringComparison.Ordinal)).ExceptBy(ids, run => run.Id).Where(runs.HasLostBeginning).Select(run => run.Id).ToList();
        return [.. ids.Concat(lost).Where(id => page.Before is not { } before || id.CompareTo(before) < 0).OrderDescending()
            .Select(id => known.TryGetValue(id, out var run) && HasEnded(run) ? run : Summarize(runs, id, run))
            .Where(run => (query.Name is null || run.Name == query.Name) && (query.Status is null || run.Status == query.Status)
                && !(run.StartedAt < page.Since) && !(run.StartedAt >= page.Until))
            .Take(query.Limit)];
    }

    /// <summary>A list of runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="next">Behind which one the list goes on; null when this is its end.</param>
    public static byte[] ToJson(IReadOnlyList<RunSummary> runs, OrchestrationId? next = null) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteStartArray("runs");
        foreach (var run in runs)
            Write(writer, run);
        writer.WriteEndArray();
        if (next is { } id)
            writer.WriteString("next", id.Value);
        writer.WriteEndObject();
    }).Utf8.ToArray();

    /// <summary>One run of the list.</summary>
    public static byte[] ToJson(RunSummary run) => JsonBytes.Write(writer => Write(writer, run)).Utf8.ToArray();

    /// <summary>Reads one run as <see cref="ToJson(RunSummary)"/> writes it.</summary>
    public static RunSummary Read(JsonElement run) => new(
        OrchestrationId.Parse(run.GetProperty("orchId").GetString()!), run.GetProperty("name").GetString()!, run.GetProperty("status").GetString()!,
        run.GetProperty("startedAt").GetDateTimeOffset(), run.GetProperty("finishedAt") is { ValueKind: JsonValueKind.String } finished ? finished.GetDateTimeOffset() : null,
        run.GetProperty("actions").GetInt32(), run.GetProperty("succeeded").GetInt32(), run.GetProperty("failed").GetInt32(), run.GetProperty("attempts").GetInt32(),
        run.GetProperty("actionTimeTaken").GetDouble(), run.GetProperty("error").GetString());

    /// <summary>Whether a run has come to its end, or nobody knows of one of the Python system.</summary>
    public static bool HasEnded(RunSummary run) => run.FinishedAt is not null || run.Status == ReportJson.NameOf(OrchestrationStatus.Unknown);

    private static RunSummary Summarize(StoredRuns runs, OrchestrationId id, RunSummary? known)
    {
        OrchestrationReport report;
        try
        {
            report = runs.ReadReport(id);
        }
        catch (DamagedRunException e)
        {
            return (known ?? new RunSummary(id, "", "", id.CreatedAt, null, 0, 0, 0, 0, 0, null)) with { Status = DamagedRunException.Status, Error = e.Damage };
        }

        return new RunSummary(
            id, report.Name, runs.StatusOf(id, report.Status), report.StartedAt, report.FinishedAt, report.Totals.Actions,
            report.Actions.Count(a => a.Success == true), report.Actions.Count(a => a.Success == false), report.Totals.Attempts,
            report.ActionTimeTaken.TotalSeconds, report.Error?.Message);
    }

    private static void Write(Utf8JsonWriter writer, RunSummary run)
    {
        writer.WriteStartObject();
        writer.WriteString("orchId", run.Id.Value);
        writer.WriteString("name", run.Name);
        writer.WriteString("status", run.Status);
        writer.WriteString("startedAt", run.StartedAt.UtcDateTime);
        if (run.FinishedAt is { } finished)
            writer.WriteString("finishedAt", finished.UtcDateTime);
        else
            writer.WriteNull("finishedAt");
        writer.WriteNumber("actions", run.Actions);
        writer.WriteNumber("succeeded", run.Succeeded);
        writer.WriteNumber("failed", run.Failed);
        writer.WriteNumber("attempts", run.Attempts);
        writer.WriteNumber("actionTimeTaken", run.ActionTime);
        writer.WriteString("error", run.Error);
        writer.WriteEndObject();
    }
}
