using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What was removed and what stayed, for people and as JSON.</summary>
internal static class PruneTable
{
    private const int SchemaVersion = 1;
    private const int MostLines = 20;

    // Id, status, time of the end, counts, and the gaps.
    private const int WidthOfOthers = 72;
    private const int LeastName = 8;

    /// <summary>Prints it.</summary>
    /// <param name="plan">The runs.</param>
    /// <param name="isDry">Whether nothing was removed.</param>
    /// <param name="files">The size of the storage's files before and after, in bytes; null when that is not known.</param>
    /// <param name="terminal">Where to.</param>
    public static void Print(PrunePlan plan, bool isDry, (long Before, long After)? files, Terminal terminal)
    {
        if (plan.Removed.Count > 0)
            terminal.Rich.Write(Of(plan.Removed, terminal.Rich.Profile.Width));
        if (plan.Removed.Count > MostLines)
            terminal.Say($"… and {plan.Removed.Count - MostLines:N0} more; --json lists all");
        var total = plan.Total;
        terminal.Say($"{(isDry ? "would remove" : "removed")} {Humanize.Count(plan.Removed.Count, "run")}: {Humanize.Count(total.Rows, "journal row")}, {Humanize.Count(total.Snapshots, "snapshot")}, "
            + $"{Humanize.Count(total.Entries, "catalog entry", "catalog entries")}, {Humanize.Bytes(total.Bytes)}");
        if (files is { } sizes)
            terminal.Say($"the files had {Humanize.Bytes(sizes.Before)} and have {Humanize.Bytes(sizes.After)}");
        if (plan.Kept.Count == 0)
            return;
        terminal.Say($"kept {Humanize.Count(plan.Kept.Count, "old run")}:");
        foreach (var kept in plan.Kept.Take(MostLines))
            terminal.Say($"  {kept.Run.Id} {Humanize.Shorten(kept.Run.Name, 40)}: {Text(kept)}");
        if (plan.Kept.Count > MostLines)
            terminal.Say($"  … and {plan.Kept.Count - MostLines:N0} more; --json lists all");
    }

    public static byte[] ToJson(PrunePlan plan, bool isDry, (long Before, long After)? files) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteBoolean("dryRun", isDry);
        writer.WriteStartArray("removed");
        foreach (var old in plan.Removed)
        {
            writer.WriteStartObject();
            Write(writer, old.Run);
            writer.WriteBoolean("legacy", old.IsRecorded);
            Write(writer, old.Amount);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("kept");
        foreach (var kept in plan.Kept)
        {
            writer.WriteStartObject();
            Write(writer, kept.Run);
            writer.WriteString("reason", Name(kept.Reason));
            writer.WriteString("detail", kept.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("total");
        writer.WriteNumber("runs", plan.Removed.Count);
        Write(writer, plan.Total);
        writer.WriteEndObject();
        if (files is { } sizes)
        {
            writer.WriteNumber("fileBytesBefore", sizes.Before);
            writer.WriteNumber("fileBytesAfter", sizes.After);
        }

        writer.WriteEndObject();
    }).Utf8.ToArray();

    private static Table Of(IReadOnlyList<OldRun> runs, int width)
    {
        var nameWidth = Math.Max(LeastName, width - WidthOfOthers);
        var table = Columns.NewTable("Run", "Name", "Status", "Ended").WithNumbers("Rows", "Size");
        foreach (var column in table.Columns)
            column.NoWrap();
        foreach (var old in runs.Take(MostLines))
        {
            table.AddRow(
                new Text(old.Run.Id.Value),
                new Text(Humanize.Shorten(old.Run.Name, nameWidth)),
                new Markup(Columns.Colored(old.Run.Status)),
                new Text(old.Run.FinishedAt is { } end ? Humanize.ShortTime(end) : ""),
                new Text($"{old.Amount.Rows:N0}"),
                new Text(Humanize.Bytes(old.Amount.Bytes)));
        }

        return table;
    }

    private static string Text(KeptRun kept) => kept.Reason switch
    {
        KeepReason.ObjectExists => $"its object {kept.Detail} is there",
        KeepReason.ObjectWasRead => $"a run that stays has read its object {kept.Detail}",
        _ => kept.Detail,
    };

    private static string Name(KeepReason reason) => reason switch
    {
        KeepReason.ObjectExists => "object_exists",
        KeepReason.ObjectWasRead => "object_was_read",
        KeepReason.ObjectsUnknown => "objects_unknown",
        KeepReason.Damaged => "damaged",
        KeepReason.InUse => "in_use",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    private static void Write(Utf8JsonWriter writer, RunSummary run)
    {
        writer.WriteString("orchId", run.Id.Value);
        writer.WriteString("name", run.Name);
        writer.WriteString("status", run.Status);
        if (run.FinishedAt is { } finished)
            writer.WriteString("finishedAt", finished.UtcDateTime);
        else
            writer.WriteNull("finishedAt");
    }

    private static void Write(Utf8JsonWriter writer, StoredAmount amount)
    {
        writer.WriteNumber("journalRows", amount.Rows);
        writer.WriteNumber("snapshots", amount.Snapshots);
        writer.WriteNumber("catalogEntries", amount.Entries);
        writer.WriteNumber("bytes", amount.Bytes);
    }
}
