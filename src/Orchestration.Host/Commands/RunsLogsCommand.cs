using System.CommandLine;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs logs</c>: what the actions of a run wrote to their logs.</summary>
internal static class RunsLogsCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Argument<string?> ActionId = new("ACTION_ID")
    {
        Description = "Only this action, by its id or the beginning of it [default: all actions]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command("logs", "Show the logs of a run's activations, as OpenWhisk keeps them.") { Id, ActionId, CommonOptions.Json };
        CommonOptions.AddPlatform(command);
        command.Options.Add(CommonOptions.Server);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        StartedRun run;
        using (var runs = new StoredRuns(RunStorage.Of(invocation.Settings)))
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
        var action = invocation.Line.GetValue(ActionId);
        var document = await Workers.DoAsync(
            invocation,
            owner => owner.ReadLogsAsync(run.Id, action, invocation.Interruption),
            () => ReadHereAsync(invocation, run, action));
        if (invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(JsonBytes.From(document).Utf8, invocation.Format);
        else
            Print(document.GetProperty("logs"), invocation.Terminal);
        return ExitCodes.Completed;
    }

    private static async Task<JsonElement> ReadHereAsync(Invocation invocation, StartedRun run, string? action)
    {
        var settings = run.Apply(invocation.Settings);
        await using var environment = await RunEnvironment.OpenAsync(settings, OpenWhiskChoice.Make(settings), invocation.Terminal, invocation.Interruption);
        using var document = AttemptLogs.ToJson(await AttemptLogs.ReadAsync(run.Report, action, environment.Whisk!, invocation.Interruption)).ToDocument();
        return document.RootElement.Clone();
    }

    private static void Print(JsonElement logs, Terminal terminal)
    {
        var any = false;
        foreach (var log in logs.EnumerateArray())
        {
            any = true;
            terminal.Say($"{log.GetProperty("step").GetString()}[{log.GetProperty("index").GetInt32()}] {log.GetProperty("actionId").GetString()}, attempt {log.GetProperty("attempt").GetInt32()}, activation {log.GetProperty("activationId").GetString()}");
            var lines = log.GetProperty("lines");
            if (lines.ValueKind == JsonValueKind.Null)
                terminal.Say("  (OpenWhisk has no record of it)");
            else if (lines.GetArrayLength() == 0)
                terminal.Say("  (nothing was written)");
            else
                foreach (var line in lines.EnumerateArray())
                    terminal.Say($"  {line.GetString()}");
        }
        if (!any)
            terminal.Say("No activation of it is known.");
    }
}
