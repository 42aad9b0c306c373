using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>Prints a report for people, to be read at 80 columns.</summary>
internal sealed class ReportTables(Terminal terminal, RunStorage storage)
{
    private const int NarrowOutput = 60;

    public void Print(OrchestrationReport report)
    {
        var rich = terminal.Rich;
        rich.WriteLine();
        rich.Write(Summary(report));
        if (report.Steps.Length > 0)
            Write("Steps", StepTable.Of(report));
        if (report.Actions.Length > 0)
            Write("Actions", ActionTable.Of(report, rich.Profile.Width));
        if (report.Objects.Length > 0)
        {
            rich.MarkupLine("\n[bold]Objects[/] (times count from the start of the run)");
            foreach (var line in ObjectTable.Lines(report, rich.Profile.Width))
                terminal.Say(line);
        }
        rich.WriteLine();
        if (FailureText.Of(report, storage) is { } failure)
            terminal.Say(failure);
        else if (report.Status == OrchestrationStatus.Completed)
            terminal.Say($"output: {FailureText.Value(report.Output)}");
    }

    private void Write(string title, Table table)
    {
        terminal.Rich.MarkupLine($"\n[bold]{title}[/]");
        terminal.Rich.Write(table);
    }

    private static Grid Summary(OrchestrationReport report)
    {
        var totals = report.Totals;
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Row(string name, string markup) => grid.AddRow(new Markup($"[bold]{name}[/]"), new Markup(markup));
        Row("Run", $"{report.Id} {Markup.Escape(Humanize.Shorten(report.Name, NarrowOutput))}");
        Row("Status", Columns.Colored(ReportJson.NameOf(report.Status)));
        Row("Started", Humanize.Time(report.StartedAt));
        Row("Time", $"{Humanize.Duration(report.TimeTaken)}; all attempts together {Humanize.Duration(report.ActionTimeTaken)}");
        Row("Actions", $"{Humanize.Count(totals.Actions, "action")}, {Humanize.Count(totals.Attempts, "attempt")}, {Humanize.Count(totals.Retries, "retry", "retries")}"
            + (totals.Recoveries > 0 ? $", {Humanize.Count(totals.Recoveries, "recovery", "recoveries")}" : ""));
        if (totals.ObjectsRead + totals.ObjectsWritten > 0)
        {
            Row("Objects", $"{totals.ObjectsRead} read ({Humanize.Bytes(totals.BytesRead)}), {totals.ObjectsWritten} written ({Humanize.Bytes(totals.BytesWritten)})"
                + (report.InputSize is { } size ? $"; the input has {Humanize.Bytes(size)}" : ""));
        }
        return grid;
    }
}
