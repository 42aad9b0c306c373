using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>What of a report is printed besides its summary, its steps and its end.</summary>
/// <param name="Actions">Whether its actions are.</param>
/// <param name="Objects">Whether its objects are.</param>
internal sealed record ReportParts(bool Actions, bool Objects)
{
    /// <summary>All of it, with what there is much of summed up.</summary>
    public static ReportParts All { get; } = new(true, true);

    /// <summary>Which actions are listed.</summary>
    public Func<ActionReport, bool> Selects { get; init; } = _ => true;

    /// <summary>A step with more actions is not listed whole.</summary>
    public int MostActions { get; init; } = 50;

    /// <summary>At most so many objects are listed.</summary>
    public int MostObjects { get; init; } = 50;
}

/// <summary>Prints a report for people, to be read at 80 columns.</summary>
internal sealed class ReportTables(Terminal terminal, RunStorage storage)
{
    private const int NarrowOutput = 60;

    public void Print(OrchestrationReport report) => Print(report, ReportParts.All);

    public void Print(OrchestrationReport report, ReportParts parts)
    {
        var rich = terminal.Rich;
        rich.WriteLine();
        rich.Write(Summary(report));
        if (report.Steps.Length > 0)
            Write("Steps", StepTable.Of(report));
        var selected = report with { Actions = parts.Actions ? [.. report.Actions.Where(parts.Selects)] : [] };
        if (selected.Actions.Length > 0)
            Write("Actions", ActionTable.Of(selected, rich.Profile.Width, parts.MostActions));
        if (parts.Objects && report.Objects.Length > 0)
        {
            rich.MarkupLine("\n[bold]Objects[/] (times count from the start of the run)");
            foreach (var line in ObjectTable.Lines(report, rich.Profile.Width, parts.MostObjects))
                terminal.Say(line);
        }
        rich.WriteLine();
        if (FailureText.Of(report, storage) is { } failure)
            terminal.Say(failure);
        else if (report.Status == OrchestrationStatus.Completed)
            terminal.Say($"output: {FailureText.Value(report.Output)}");
        terminal.Say($"as a page: {CommandName.Runs($"report {report.Id} -o report.html", storage)}");
    }

    private void Write(string title, Table table)
    {
        terminal.Rich.MarkupLine($"\n[bold]{title}[/]");
        terminal.Rich.Write(table);
    }

    private static Grid Summary(OrchestrationReport report)
    {
        var totals = report.Totals;
        var grid = Columns.NewSummary();
        void Row(string name, string markup) => grid.AddRow(new Markup($"[bold]{name}[/]"), new Markup(markup));
        Row("Run", $"{report.Id} {Markup.Escape(Humanize.Shorten(report.Name, NarrowOutput))}");
        Row("Status", Columns.Colored(ReportJson.NameOf(report.Status)));
        Row("Started", Humanize.Time(report.StartedAt));
        Row("Time", $"{Humanize.Duration(report.TimeTaken)}; all attempts together {Humanize.Duration(report.ActionTimeTaken)}");
        Row("Actions", $"{Humanize.Count(totals.Actions, "action")}, {Humanize.Count(totals.Attempts, "attempt")}, {Humanize.Count(totals.Retries, "retry", "retries")}"
            + (totals.Recoveries > 0 ? $", {Humanize.Count(totals.Recoveries, "recovery", "recoveries")}" : ""));
        if (totals.Recoveries > 0)
            Row("Recovered", RecoveryText.Cost(totals));
        if (totals.ObjectsRead + totals.ObjectsWritten > 0)
        {
            Row("Objects", $"{totals.ObjectsRead} read ({Humanize.Bytes(totals.BytesRead)}), {totals.ObjectsWritten} written ({Humanize.Bytes(totals.BytesWritten)})"
                + (report.InputSize is { } size ? $"; the input has {Humanize.Bytes(size)}" : ""));
        }
        return grid;
    }
}
