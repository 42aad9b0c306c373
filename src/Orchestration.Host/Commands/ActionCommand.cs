using System.CommandLine;
using Orchestration.Host.Actions;

namespace Orchestration.Host.Commands;

/// <summary><c>action</c>: writing actions, and what is on an OpenWhisk.</summary>
internal static class ActionCommand
{
    public static readonly Option<string[]> Parameters = new("-p", "--param")
    {
        HelpName = "name=value",
        Description = "A parameter of the action; JSON or text; may be repeated [default: none]",
    };

    public static readonly Option<string[]> ParameterFiles = new("-P", "--param-file")
    {
        HelpName = "FILE",
        Description = "Parameters as a map in YAML or JSON; may be repeated, and -p wins",
    };

    public static Command Create() => new("action", "Write actions, try them, and handle those that are on an OpenWhisk.")
    {
        ActionNewCommand.Create(), ActionRunCommand.Create(), ActionDeployCommand.Create(), ActionDockerfileCommand.Create(),
        ActionListCommand.Create(), ActionGetCommand.Create(), ActionDeleteCommand.Create(), ActionInvokeCommand.Create(), ActionLogsCommand.Create(),
    };

    public static Argument<string> NewNameArgument() => new("NAME") { Description = "The action: NAME, PACKAGE/NAME or /NAMESPACE/PACKAGE/NAME" };

    /// <summary>What a command takes that talks to an OpenWhisk.</summary>
    public static Command WithOpenWhisk(this Command command)
    {
        foreach (var option in new Option[] { CommonOptions.OpenWhisk, CommonOptions.Auth, CommonOptions.Insecure, CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey, CommonOptions.DataDirectory, CommonOptions.Verbose })
            command.Options.Add(option);
        return command;
    }

    /// <summary>Runs a command with the OpenWhisk that the settings choose.</summary>
    public static void SetWhiskAction(this Command command, Func<Invocation, WhiskAccess, Task<int>> run) =>
        command.SetAction((line, _) => Invocations.RunAsync(line, async invocation =>
        {
            await using var whisk = await WhiskAccess.OpenAsync(invocation.Settings, invocation.Terminal, invocation.Interruption);
            return await run(invocation, whisk);
        }));
}
