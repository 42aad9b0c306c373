using System.CommandLine;
using Orchestration.Core.Ports;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs list</c>: the runs of a data directory, newest first.</summary>
internal static class RunsListCommand
{
    private const int DefaultLimit = 20;

    private static readonly Option<string?> Name = new("--name") { HelpName = "NAME", Description = "Only runs of this workflow [default: all]" };

    private static readonly Option<string?> Status = new("--status") { HelpName = "STATUS", Description = $"Only runs that are so: {string.Join(", ", RunList.Statuses)} [default: all]" };

    private static readonly Option<int?> Limit = CommonOptions.AtLeastOne(new("--limit") { HelpName = "N", Description = $"At most so many [default: {DefaultLimit}]" });

    private static readonly Option<string?> Since = TimeFilter.NewOption("--since", "at or after");

    private static readonly Option<string?> Until = TimeFilter.NewOption("--until", "before");

    public static Command Create()
    {
        Status.AcceptOnlyFromAmong([.. RunList.Statuses]);
        var command = new Command("list", "List runs, newest first.") { Name, Status, Since, Until, Limit, CommonOptions.Format, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var query = new RunQuery(Name: line.GetValue(Name), Status: line.GetValue(Status), Limit: line.GetValue(Limit) ?? DefaultLimit);
        var now = DateTimeOffset.Now;
        var (since, until) = (TimeFilter.Read(line, Since, now), TimeFilter.Read(line, Until, now));
        if (since >= until)
            throw CommandException.Usage($"{Since.Name} {line.GetValue(Since)} is not before {Until.Name} {line.GetValue(Until)}, so no run can be between them.");
        var storage = RunStorage.Of(invocation.Settings);
        var runs = await storage.ListRunsAsync(query, new RunPage(since, until), invocation.Interruption);
        if (invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(RunList.ToJson(runs), invocation.Format);
        else if (runs.Count == 0)
            invocation.Terminal.Say($"No such run is stored in {storage.Name}.");
        else
            Print(runs, invocation.Terminal);
        return ExitCodes.Completed;
    }

    private static void Print(IReadOnlyList<RunSummary> runs, Terminal terminal)
    {
        terminal.WriteLines(width => RunTable.Of(runs, width));
        foreach (var run in runs.Where(r => r.Status == DamagedRunException.Status))
            terminal.Complain($"{run.Id} is damaged: {run.Error} docs/operating.md tells what to do.");
    }
}
