using System.CommandLine;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Commands;

/// <summary><c>action delete</c>: takes an action off an OpenWhisk.</summary>
internal static class ActionDeleteCommand
{
    private static readonly Argument<string> Name = ActionCommand.NewNameArgument();

    public static Command Create()
    {
        var command = new Command("delete", "Remove an action.") { Name }.WithOpenWhisk();
        command.SetWhiskAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, WhiskAccess whisk)
    {
        using var actions = new WhiskActions(whisk.Options);
        var name = invocation.Line.GetRequiredValue(Name);
        await actions.DeleteAsync(name, invocation.Interruption);
        invocation.Terminal.Say($"deleted {name} from {whisk.Place}");
        return ExitCodes.Completed;
    }
}
