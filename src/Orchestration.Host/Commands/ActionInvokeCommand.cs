using System.CommandLine;
using System.Text.Json;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Commands;

/// <summary><c>action invoke</c>: calls an action once, without an orchestrator.</summary>
internal static class ActionInvokeCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> Name = ActionCommand.NewNameArgument();

    private static readonly Option<bool> Blocking = new("--blocking", "-b") { Description = "Wait for the end and print the activation's record [default: print its id]" };

    private static readonly Option<bool> Result = new("--result", "-r") { Description = "Wait for the end and print the result only" };

    public static Command Create()
    {
        var command = new Command("invoke", "Call an action once.") { Name, ActionCommand.Parameters, ActionCommand.ParameterFiles, Blocking, Result, CommonOptions.Format, CommonOptions.Json }.WithOpenWhisk();
        command.SetWhiskAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, WhiskAccess whisk)
    {
        var line = invocation.Line;
        var (name, onlyResult) = (line.GetRequiredValue(Name), line.GetValue(Result));
        var parameters = ActionParameters.Read(line.GetValue(ActionCommand.ParameterFiles) ?? [], line.GetValue(ActionCommand.Parameters) ?? []);
        using var actions = new WhiskActions(whisk.Options);
        var waits = onlyResult || line.GetValue(Blocking) || whisk.EndsWithCommand;
        var invoked = await actions.InvokeAsync(name, parameters, waits, invocation.Interruption);
        if (!waits)
        {
            if (invocation.Format == OutputFormat.Table)
                invocation.Terminal.Say($"invoked {name}: activation {invoked.ActivationId}\nlook at it with: {CommandName.Text} action logs {invoked.ActivationId}");
            else
                Terminal.PrintDocument(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["activationId"] = invoked.ActivationId }), invocation.Format);
            return ExitCodes.Completed;
        }
        var record = invoked.Record ?? await WaitAsync(actions, invoked.ActivationId, invocation);
        var response = record.GetProperty("response");
        Terminal.PrintDocument(Pretty.Json(onlyResult ? response.GetProperty("result") : record), invocation.Format == OutputFormat.Table ? OutputFormat.Json : invocation.Format);
        return response.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.True ? ExitCodes.Completed : ExitCodes.Failed;
    }

    private static async Task<JsonElement> WaitAsync(WhiskActions actions, string activationId, Invocation invocation)
    {
        invocation.Terminal.Complain($"activation {activationId} goes on; waiting for its end (Ctrl-C leaves it)");
        while (true)
        {
            if (await actions.FindActivationAsync(activationId, invocation.Interruption) is { } record)
                return record;
            await Task.Delay(Pause, invocation.Interruption);
        }
    }
}
