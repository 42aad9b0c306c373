using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Host.Api;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A plan to heal a run, for people and as JSON.</summary>
internal static class HealTable
{
    private const int SchemaVersion = 1;
    private const int MostLines = 50;

    /// <summary>Prints what <see cref="ToJson"/> gives, wherever it was made.</summary>
    public static void Print(JsonElement plan, Terminal terminal)
    {
        var missing = plan.GetProperty("missing").EnumerateArray().ToList();
        terminal.Say($"{Humanize.Count(missing.Count, "object")} of {plan.GetProperty("looked").GetInt32():N0} missing");
        if (missing.Count == 0)
            return;
        Write(terminal, "Missing", missing.Select(key => key.GetProperty("code").GetString() is { } code
            ? $"[red]✗[/] {Text(key, "object")}\n  {code} {Text(key, "path")}: {Text(key, "remedy")}"
            : $"  {Text(key, "object")}"));
        var jobs = plan.GetProperty("jobs").EnumerateArray().ToList();
        if (jobs.Count > 0)
            Write(terminal, "To run again, in this order", jobs.Select((job, i) => $"{i + 1,3}  {Markup.Escape(Humanize.Shorten($"{job.GetProperty("label").GetString()} {job.GetProperty("params").GetRawText()}", 50))}{After(job)}"));
    }

    public static byte[] ToJson(HealPlan plan) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("orchId", plan.Run.Value);
        writer.WriteNumber("looked", plan.Looked);
        writer.WriteStartArray("missing");
        foreach (var key in plan.Missing)
        {
            var (job, dead) = plan.Plan.Keys[key];
            writer.WriteStartObject();
            writer.WriteString("object", key.Value);
            if (job is { } makes)
                writer.WriteNumber("job", makes);
            else
                writer.WriteNull("job");
            writer.WriteString("code", dead?.Code);
            writer.WriteString("path", dead?.Path);
            writer.WriteString("remedy", dead?.Remedy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("jobs");
        foreach (var job in plan.Plan.Jobs)
        {
            writer.WriteStartObject();
            writer.WriteString("actionId", job.Action.Id.Value);
            writer.WriteString("name", job.Action.Spec.Name);
            writer.WriteString("label", job.Action.Label);
            writer.WriteJson("params", job.Action.Spec.Parameters);
            writer.WriteStartArray("recovers");
            foreach (var key in job.Objects)
                writer.WriteStringValue(key.Value);
            writer.WriteEndArray();
            writer.WriteStartArray("after");
            foreach (var before in job.After.Order())
                writer.WriteNumberValue(before);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.ToArray();

    private static string Text(JsonElement key, string name) => Markup.Escape(key.GetProperty(name).GetString()!);

    private static string After(JsonElement job)
    {
        var after = job.GetProperty("after").EnumerateArray().Select(a => a.GetInt32() + 1).ToList();
        return after.Count == 0 ? "" : $"  [dim]after {string.Join(", ", after.Take(5))}{(after.Count > 5 ? ", …" : "")}[/]";
    }

    private static void Write(Terminal terminal, string title, IEnumerable<string> lines)
    {
        terminal.Rich.MarkupLine($"\n[bold]{title}[/]");
        var all = lines.ToList();
        foreach (var line in all.Take(MostLines))
            terminal.Rich.MarkupLine(line);
        if (all.Count > MostLines)
            terminal.Say($"     … and {all.Count - MostLines:N0} more; --json lists all");
    }
}
