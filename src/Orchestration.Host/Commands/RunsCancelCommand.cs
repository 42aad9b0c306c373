using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Core.State;
using Orchestration.Host.Running;

namespace Orchestration.Host.Commands;

/// <summary><c>runs cancel</c>: ends a run early, wherever it goes on.</summary>
internal static class RunsCancelCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<string?> Reason = new("--reason") { HelpName = "TEXT", Description = "Why, for the report [default: that it was cancelled from the command line]" };

    public static Command Create()
    {
        var command = new Command("cancel", "Cancel a run: nothing new starts, and what runs is no longer waited for.") { Id, Reason, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static Task<int> RunAsync(Invocation invocation)
    {
        var reason = invocation.Line.GetValue(Reason) ?? "It was cancelled from the command line.";
        return RunClosing.RunAsync(invocation, invocation.Line.GetRequiredValue(Id), OrchestrationStatus.Cancelled, "cancel", Body(reason), (client, id) => client.CancelAsync(id, reason));
    }

    private static JsonBytes Body(string reason) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("reason", reason);
        writer.WriteEndObject();
    });
}
