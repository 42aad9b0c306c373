using System.Globalization;
using System.Text.Json;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Actions;

/// <summary>An activation's record for people.</summary>
internal static class ActivationText
{
    /// <summary>One line about how it ended, then its logs.</summary>
    public static void Print(JsonElement record, Terminal terminal)
    {
        var status = record.TryGetProperty("response", out var response) && response.TryGetProperty("status", out var told) ? told.GetString() : "unknown";
        var duration = Number(record, "duration") is { } milliseconds ? " in " + Humanize.Duration(TimeSpan.FromMilliseconds(milliseconds)) : "";
        var start = Number(record, "start") is { } began ? ", started " + Humanize.Time(DateTimeOffset.FromUnixTimeMilliseconds((long)began)) : "";
        var name = record.TryGetProperty("name", out var called) ? called.GetString() : "";
        terminal.Say($"{name} {record.GetProperty("activationId").GetString()}: {status}{duration}{start}");
        PrintLogs(record, terminal);
    }

    /// <summary>The lines of its logs.</summary>
    public static void PrintLogs(JsonElement record, Terminal terminal)
    {
        if (!record.TryGetProperty("logs", out var logs) || logs.ValueKind != JsonValueKind.Array || logs.GetArrayLength() == 0)
        {
            terminal.Say("  (nothing was written)");
            return;
        }
        foreach (var line in logs.EnumerateArray())
            terminal.Say("  " + line.GetString());
    }

    /// <summary>A number of a record, or of one of its annotations; null when it has none.</summary>
    public static double? Number(JsonElement record, string name)
    {
        if (record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            return value.GetDouble();
        return record.TryGetProperty("annotations", out var list) && list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().FirstOrDefault(a => a.TryGetProperty("key", out var key) && key.GetString() == name) is { ValueKind: JsonValueKind.Object } entry
            && double.TryParse(entry.GetProperty("value").ToString(), CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
