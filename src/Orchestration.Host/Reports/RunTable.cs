using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A list of runs.</summary>
internal static class RunTable
{
    private const int LeastName = 5;
    private const int Gap = 2;

    /// <summary>One line a run, the names shortened to what the other columns leave of the width.</summary>
    /// <param name="runs">The runs, in the order of the lines.</param>
    /// <param name="width">The terminal's columns; null when a program reads, and names stay whole.</param>
    public static Table Of(IReadOnlyList<RunSummary> runs, int? width)
    {
        var table = Columns.NewTable("Run", "Name", "Status", "Started").WithNumbers("Time", "Done");
        string[] titles = ["Run", "Status", "Started", "Time", "Done"];
        var rows = runs.Select(r => (Run: r, Cells: new[]
        {
            r.Id.Value,
            r.Status,
            Humanize.ShortTime(r.StartedAt),
            r.FinishedAt is { } end ? Humanize.Duration(end - r.StartedAt) : "",
            $"{r.Succeeded}/{r.Actions}",
        })).ToList();
        var others = titles.Select((title, i) => rows.Select(r => r.Cells[i].Length).Append(title.Length).Max()).Sum() + (titles.Length * Gap);
        foreach (var column in table.Columns)
            column.NoWrap();
        table.Columns[^1].PadRight(0);
        foreach (var (run, cells) in rows)
        {
            var name = width is { } columns ? Humanize.Shorten(run.Name, Math.Max(LeastName, columns - others)) : run.Name;
            table.AddRow(new Text(cells[0]), new Text(name), new Markup(Columns.Colored(run.Status)), new Text(cells[2]), new Text(cells[3]), new Text(cells[4]));
        }
        return table;
    }
}
