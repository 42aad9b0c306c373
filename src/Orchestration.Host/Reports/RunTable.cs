using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A list of runs.</summary>
internal static class RunTable
{
    public static Table Of(IReadOnlyList<RunSummary> runs)
    {
        var table = Columns.NewTable("Run", "Name", "Status", "Started").WithNumbers("Time", "Done");
        table.Columns[0].NoWrap();
        foreach (var run in runs)
        {
            table.AddRow(
                new Text(run.Id.Value),
                new Text(Humanize.Shorten(run.Name, 60)),
                new Markup(Columns.Colored(run.Status)),
                new Text(Humanize.Time(run.StartedAt)),
                new Text(run.FinishedAt is { } end ? Humanize.Duration(end - run.StartedAt) : ""),
                new Text($"{run.Succeeded}/{run.Actions}"));
        }
        return table;
    }
}
