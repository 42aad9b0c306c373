using System.CommandLine;
using Orchestration.Core.Reports;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs show</c>: the report of a run, also of one that goes on in another process.</summary>
internal static class RunsShowCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    public static Command Create()
    {
        var command = new Command("show", "Show the report of a run.") { Id, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, Run));
        return command;
    }

    private static Task<int> Run(Invocation invocation)
    {
        var storage = RunStorage.Of(invocation.Settings);
        using var runs = new StoredRuns(storage);
        var id = runs.Resolve(invocation.Line.GetRequiredValue(Id));
        var report = runs.ReadReport(id);
        if (invocation.Json)
        {
            Terminal.PrintJson(ReportJson.ToUtf8(report));
        }
        else
        {
            new ReportTables(invocation.Terminal, storage).Print(report);
            if (runs.StatusOf(id, report.Status) == "interrupted")
                invocation.Terminal.Say($"No process works on it. Go on with: {CommandName.Runs($"resume {id}", storage)}");
        }
        return Task.FromResult(ExitCodes.Completed);
    }
}
