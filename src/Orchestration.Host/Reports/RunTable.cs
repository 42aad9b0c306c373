using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A list of runs.</summary>
internal static class RunTable
{
    // Id, status, time of the start, duration, counts, and the gaps.
    private const int WidthOfOthers = 72;
    private const int LeastName = 12;

    public static Table Of(IReadOnlyList<RunSummary> runs, int width)
    {
        var nameWidth = Math.Max(LeastName, width - WidthOfOthers);
        var table = Columns.NewTable("Run", "Name", "Status", "Started").WithNumbers("Time", "Done");
        foreach (var column in table.Columns)
            column.NoWrap();
        foreach (var run in runs)
        {
            table.AddRow(
                new Text(run.Id.Value),
                new Text(Humanize.Shorten(run.Name, nameWidth)),
                new Markup(Columns.Colored(run.Status)),
                new Text(Humanize.ShortTime(run.StartedAt)),
                new Text(run.FinishedAt is { } end ? Humanize.Duration(end - run.StartedAt) : ""),
                new Text($"{run.Succeeded}/{run.Actions}"));
        }
        return table;
    }
}
