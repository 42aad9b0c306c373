using System.Globalization;
using System.Text;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Dags;

/// <summary>Writes graphs as text for people, for programs, and for the tools that draw them.</summary>
internal static class DagFormats
{
    private const int SchemaVersion = 1;
    private const int MostObjects = 3;

    private static readonly (string Name, Func<DagView, string> Write)[] All = [("text", Text), ("json", Json), ("dot", Dot), ("mermaid", Mermaid), ("svg", DagSvg.Write)];

    /// <summary>What the formats are called, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(f => f.Name)];

    public static string Write(DagView view, string format) => All.Single(f => f.Name == format).Write(view);

    private static string Text(DagView view)
    {
        var text = new StringBuilder();
        var edges = view.Edges.ToLookup(e => e.Reader);
        foreach (var action in view.Actions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{view.Labels.Of(action.Id)}  {action.Name}{TimeOf(action)}\n");
            foreach (var parent in edges[action.Id].GroupBy(e => e.Writer))
            {
                var objects = parent.Select(e => e.Object.Value).ToList();
                text.Append(CultureInfo.InvariantCulture, $"  ← {view.Labels.Of(parent.Key)}  {string.Join(", ", objects.Take(MostObjects))}{(objects.Count > MostObjects ? $" and {objects.Count - MostObjects:N0} more" : "")}\n");
            }
        }

        // What the run's end waited for says nothing about one action.
        var path = view.Dag.CriticalPath();
        if (path.Length > 0 && view.IsWhole)
            text.Append(CultureInfo.InvariantCulture, $"\ncritical path: {string.Join(" → ", path.Select(a => view.Labels.Of(a.Id) + TimeOf(a)))}\n");
        return text.ToString();
    }

    private static string Json(DagView view) => Encoding.UTF8.GetString(JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("orchId", view.Dag.Report.Id.Value);
        writer.WriteStartArray("actions");
        foreach (var action in view.Actions)
        {
            writer.WriteStartObject();
            writer.WriteString("actionId", action.Id.Value);
            writer.WriteString("label", view.Labels.Of(action.Id));
            writer.WriteString("name", action.Name);
            writer.WriteStartArray("prerequisites");
            foreach (var id in view.Dag.PrerequisitesOf(action.Id))
                writer.WriteStringValue(id.Value);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("edges");
        foreach (var edge in view.Edges)
        {
            writer.WriteStartObject();
            writer.WriteString("reader", edge.Reader.Value);
            writer.WriteString("writer", edge.Writer.Value);
            writer.WriteString("object", edge.Object.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("criticalPath");
        foreach (var action in view.Dag.CriticalPath())
            writer.WriteStringValue(action.Id.Value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }).Utf8.Span) + "\n";

    private static string Dot(DagView view)
    {
        var text = new StringBuilder("digraph run {\n  rankdir=RL\n  node [shape=box]\n");
        foreach (var action in view.Actions)
            text.Append(CultureInfo.InvariantCulture, $"  \"{action.Id}\" [label=\"{Escape(view.Labels.Of(action.Id))}\"]\n");
        foreach (var edge in view.Edges)
            text.Append(CultureInfo.InvariantCulture, $"  \"{edge.Reader}\" -> \"{edge.Writer}\" [label=\"{Escape(edge.Object.Value)}\"]\n");
        return text.Append("}\n").ToString();

        static string Escape(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    private static string Mermaid(DagView view)
    {
        var text = new StringBuilder("graph RL\n");
        foreach (var action in view.Actions)
            text.Append(CultureInfo.InvariantCulture, $"  {action.Id}[\"{Escape(view.Labels.Of(action.Id))}\"]\n");
        foreach (var edge in view.Edges)
            text.Append(CultureInfo.InvariantCulture, $"  {edge.Reader} -->|\"{Escape(edge.Object.Value)}\"| {edge.Writer}\n");
        return text.ToString();

        // Mermaid takes entities where a character would mean something to it.
        static string Escape(string name) => string.Concat(name.Select(c => c is '"' or '#' or '<' or '>' or '&' or '`' ? string.Create(CultureInfo.InvariantCulture, $"#{(int)c};") : c.ToString()));
    }

    private static string TimeOf(ActionReport action) => action.Attempts.IsEmpty || action.Attempts[^1].Duration is not { } duration ? "" : $" {Humanize.Duration(duration)}";
}
