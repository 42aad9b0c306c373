using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Core.State;
using Orchestration.Host.Running;

namespace Orchestration.Host.Commands;

/// <summary><c>runs complete</c>: closes a run that nobody goes on with, so that its metrics stand.</summary>
internal static class RunsCompleteCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    public static Command Create()
    {
        var command = new Command("complete", "Close an interrupted run that nobody will resume: it counts as completed with what it has, and its report is printed.") { Id, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static Task<int> RunAsync(Invocation invocation) => RunClosing.RunAsync(
        invocation,
        invocation.Line.GetRequiredValue(Id),
        OrchestrationStatus.Completed,
        "complete",
        JsonBytes.Parse("""{"abandoned":true}"""),
        (client, id) => client.CloseAbandonedAsync(id, JsonBytes.Null));
}
