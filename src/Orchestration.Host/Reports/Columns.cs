using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>How all tables look.</summary>
internal static class Columns
{
    /// <summary>A table without lines around its cells.</summary>
    public static Table NewTable(params IEnumerable<string> columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn($"[dim]{column}[/]").PadLeft(0).PadRight(2));
        return table;
    }

    /// <summary>Adds columns of numbers.</summary>
    public static Table WithNumbers(this Table table, params IEnumerable<string> columns)
    {
        foreach (var column in columns)
            table.AddColumn(new TableColumn($"[dim]{column}[/]").RightAligned().NoWrap().PadLeft(0).PadRight(2));
        return table;
    }

    /// <summary>Labels with a text each.</summary>
    public static Grid NewSummary() => new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();

    /// <summary>Adds a label with its text.</summary>
    public static Grid With(this Grid summary, string label, string text) => summary.AddRow(new Markup($"[bold]{label}[/]"), new Text(Terminal.Plain(text)));

    /// <summary>A status with its colour.</summary>
    public static string Colored(string status) => status switch
    {
        "completed" => $"[green]{status}[/]",
        "failed" or "damaged" => $"[red]{status}[/]",
        "cancelled" or "interrupted" => $"[yellow]{status}[/]",
        "running" => $"[blue]{status}[/]",
        _ => Markup.Escape(status),
    };
}
