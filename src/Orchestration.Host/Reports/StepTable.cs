using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>The steps of a run.</summary>
internal static class StepTable
{
    public static Table Of(OrchestrationReport report)
    {
        var times = report.Actions.GroupBy(a => a.Step).ToDictionary(g => g.Key, g => (
            Attempts: g.Sum(a => a.Attempts.Length),
            Time: g.SelectMany(a => a.Attempts).Aggregate(TimeSpan.Zero, (sum, attempt) => sum + (attempt.Duration ?? TimeSpan.Zero))));
        var table = Columns.NewTable("Step", "Status").WithNumbers("Actions", "Failed", "Attempts", "Action time");
        foreach (var step in report.Steps)
        {
            var (attempts, time) = times.GetValueOrDefault(step.Id);
            table.AddRow(
                new Text(Terminal.Plain(step.Id)),
                new Markup(Columns.Colored(ReportJson.NameOf(step.Status))),
                new Text($"{step.Items}"),
                new Text(step.Failed == 0 ? "" : $"{step.Failed}"),
                new Text($"{attempts}"),
                new Text(attempts == 0 ? "" : Humanize.Duration(time)));
        }
        return table;
    }
}
