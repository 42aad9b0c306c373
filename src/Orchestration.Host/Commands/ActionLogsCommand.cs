using System.CommandLine;
using System.Text.RegularExpressions;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Commands;

/// <summary><c>action logs</c>: what an activation wrote, and how it ended.</summary>
internal static partial class ActionLogsCommand
{
    private static readonly Argument<string?> Which = new("ACTIVATION_ID|NAME")
    {
        HelpName = "ACTIVATION_ID|NAME",
        Description = "An activation by its id, or the latest one of an action [default: the latest of all]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command("logs", "Show what an activation wrote to its logs, and how it ended.") { Which, CommonOptions.Format, CommonOptions.Json }.WithOpenWhisk();
        command.SetWhiskAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, WhiskAccess whisk)
    {
        using var actions = new WhiskActions(whisk.Options);
        var which = invocation.Line.GetValue(Which);
        var id = which is not null && ActivationId().IsMatch(which) ? which : await actions.FindLatestAsync(which, invocation.Interruption)
            ?? throw CommandException.Failure($"{whisk.Place} has no record of an activation{(which is null ? "" : $" of '{which}'")}. One that has begun has its record when it ends; '{CommandName.Text} action list' shows the names.");
        var record = await actions.FindActivationAsync(id, invocation.Interruption)
            ?? throw CommandException.Failure($"{whisk.Place} has no record of the activation {id}: it goes on still, is too old, or belongs to another namespace. Try again when it has ended.");
        if (invocation.Format != OutputFormat.Table)
        {
            Terminal.PrintDocument(Pretty.Json(record), invocation.Format);
            return ExitCodes.Completed;
        }
        ActivationText.Print(record, invocation.Terminal);
        return ExitCodes.Completed;
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex ActivationId();
}
