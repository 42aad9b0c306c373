using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Reports;

/// <summary>The objects of a run. Times count from its start.</summary>
internal static class ObjectTable
{
    private const int Most = 50;

    public static Table Of(OrchestrationReport report)
    {
        var table = Columns.NewTable("Object").WithNumbers("Size", "First put", "Last get", "Lifetime", "To the end");
        foreach (var used in report.Objects.Take(Most))
        {
            table.AddRow(
                new Text(Terminal.Plain(used.Object.Value)).Overflow(Overflow.Fold),
                new Text(Humanize.Bytes(used.PutSize ?? used.GetSize ?? 0)),
                new Text(Since(report, used.PutTime)),
                new Text(Since(report, used.GetTime)),
                new Text(Span(used.Lifetime)),
                new Text(Span(used.OrchestrationLifetime)));
        }
        if (report.Objects.Length > Most)
            table.AddRow($"and {Humanize.Count(report.Objects.Length - Most, "more object")}; --json lists all");
        return table;
    }

    private static string Since(OrchestrationReport report, DateTimeOffset? time) => time is { } at ? $"+{Humanize.Duration(at - report.StartedAt)}" : "";

    private static string Span(TimeSpan? time) => time is { } span ? Humanize.Duration(span) : "";
}
