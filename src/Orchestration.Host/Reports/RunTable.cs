using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>A list of runs.</summary>
internal static class RunTable
{
    public static Table Of(IReadOnlyList<RunSummary> runs)
    {
        var table = ReportTables.NewTable("Runs");
        table.AddColumn(new TableColumn("Id").NoWrap()).AddColumn("Name").AddColumn(new TableColumn("Status").NoWrap());
        table.AddColumn("Started").AddColumn(new TableColumn("Time").RightAligned()).AddColumn(new TableColumn("Done").RightAligned().NoWrap());
        foreach (var run in runs)
        {
            table.AddRow(
                new Text(run.Id.Value),
                new Text(Humanize.Shorten(run.Name, 60)),
                new Markup(ReportTables.Colored(run.Status)),
                new Text(Humanize.Time(run.StartedAt)),
                new Text(run.FinishedAt is { } end ? Humanize.Duration(end - run.StartedAt) : ""),
                new Text($"{run.Succeeded}/{run.Actions}"));
        }
        return table;
    }
}
