using System.CommandLine;
using Orchestration.Core.Predictions;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>predict actions</c>: runtime, objects and cost of the actions of a workflow for an input.</summary>
internal static class PredictActionsCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The workflow's name, as runs list shows it" };

    private static readonly Option<long?> InputSize = PredictCommand.NewInputSize("that of the latest run");

    private static readonly Option<string?> Action = new("--action") { HelpName = "NAME", Description = "Only this action [default: all]" };

    public static Command Create()
    {
        var command = new Command("actions", "Predict what each action of a workflow takes, writes and costs for an input.") { Name, InputSize, Action };
        PriceOptions.AddTo(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var name = line.GetRequiredValue(Name);
        var prices = PriceOptions.Read(invocation);
        var history = RunHistory.Of(await PastRuns.ReadAsync(RunStorage.Of(invocation.Settings), name, PastRuns.DefaultLimit, invocation.Interruption));
        var size = line.GetValue(InputSize) ?? history.Runs.Last().InputSize ?? 0;
        var wanted = line.GetValue(Action);
        if (wanted is not null && !history.Actions.Contains(wanted))
            throw CommandException.Failure($"{Action.Name}: no run of '{name}' had an action '{Humanize.Shorten(wanted, 60)}'{NearestName.SuggestOrStop(wanted, [.. history.Actions])} There are: {NearestName.List([.. history.Actions], "none")}.");
        var predictions = history.Actions.Where(a => wanted is null || a == wanted).Select(a => history.Predict(a, size)!).ToList();
        if (predictions.Count == 0)
            throw CommandException.Failure($"No action of the {Humanize.Count(history.Count, "run")} of '{name}' ran to an end, so nothing can be predicted.");
        var table = new PredictionTable(history, predictions, size, prices);
        if (invocation.Format == OutputFormat.Table)
            table.Print(name, invocation.Terminal);
        else
            Terminal.PrintDocument(table.ToJson(name), invocation.Format);
        return ExitCodes.Completed;
    }
}
