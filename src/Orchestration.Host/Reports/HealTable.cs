using Orchestration.Core.Json;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A plan to heal a run, for people and as JSON.</summary>
internal static class HealTable
{
    private const int SchemaVersion = 1;
    private const int MostLines = 50;

    public static void Print(HealPlan plan, Terminal terminal)
    {
        terminal.Say($"{Humanize.Count(plan.Missing.Count, "object")} of {plan.Looked:N0} missing");
        if (plan.Missing.Count == 0)
            return;
        Write(terminal, "Missing", plan.Missing.Select(key => plan.Plan.Keys[key] is { Dead: { } dead }
            ? $"[red]✗[/] {Markup.Escape(key.Value)}\n  {dead.Code} {Markup.Escape(dead.Path)}: {Markup.Escape(dead.Remedy)}"
            : $"  {Markup.Escape(key.Value)}"));
        if (plan.Plan.Jobs.Length > 0)
            Write(terminal, "To run again, in this order", plan.Plan.Jobs.Select((job, i) =>
                $"{i + 1,3}  {Markup.Escape(Humanize.Shorten($"{job.Action.Label} {job.Action.Spec.Parameters}", 50))}{(job.After.IsEmpty ? "" : $"  [dim]after {string.Join(", ", job.After.Order().Take(5).Select(a => a + 1))}{(job.After.Length > 5 ? ", …" : "")}[/]")}"));
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
