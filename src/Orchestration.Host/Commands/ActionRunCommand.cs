using System.CommandLine;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>action run</c>: runs an action here as OpenWhisk would, with the object store.</summary>
internal static class ActionRunCommand
{
    private static readonly Argument<string> Source = new("PATH") { Description = "The action's file or folder" };

    private static readonly Option<bool> Debug = new("--debug")
    {
        Description = "Run a Python action in this terminal, where breakpoint() stops it [default: in a process of its own, as OpenWhisk does]",
    };

    private static readonly Option<string?> Main = new("--main") { HelpName = "FUNCTION", Description = "The function that is called [default: main]" };

    public static Command Create()
    {
        var command = new Command("run", "Run an action on this machine as OpenWhisk would, with the object store.")
        {
            Source, ActionCommand.Parameters, ActionCommand.ParameterFiles, Debug, Main, CommonOptions.Format, CommonOptions.Json,
            CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey, CommonOptions.DataDirectory, CommonOptions.Verbose,
        };
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var source = ActionSource.Find(line.GetRequiredValue(Source));
        var parameters = ActionParameters.Read(line.GetValue(ActionCommand.ParameterFiles) ?? [], line.GetValue(ActionCommand.Parameters) ?? []);
        if (line.GetValue(Debug))
            return await DebugRun.RunAsync(source, line.GetValue(Main), parameters, invocation);
        var trial = await ActionTrial.RunAsync(source, line.GetValue(Main), parameters, invocation);
        if (invocation.Format == OutputFormat.Table)
            trial.Print(invocation.Terminal);
        else
            Terminal.PrintDocument(trial.ToJson().Utf8, invocation.Format);
        return trial.Succeeded ? ExitCodes.Completed : ExitCodes.Failed;
    }
}
