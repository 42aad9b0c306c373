using System.CommandLine;
using Orchestration.Core.Predictions;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>predict backtest</c>: how well predictions would have been on the runs that there are.</summary>
internal static class PredictBacktestCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The workflow's name, as runs list shows it" };

    public static Command Create()
    {
        var command = new Command("backtest", "Predict each past run from all others, and tell how far off that was.") { Name, CommonOptions.Format, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var name = invocation.Line.GetRequiredValue(Name);
        var history = RunHistory.Of(await PastRuns.ReadAsync(RunStorage.Of(invocation.Settings), name, PastRuns.DefaultLimit, invocation.Interruption));
        var lines = Backtest.Of(history);
        if (lines.IsEmpty)
            throw CommandException.Failure($"There {(history.Count == 1 ? "is 1 run" : $"are {history.Count} runs")} of '{name}' that tell too little: a prediction can be checked once two runs have ended.");
        if (invocation.Format == OutputFormat.Table)
            BacktestTable.Print(lines, history.Count, name, invocation.Terminal);
        else
            Terminal.PrintDocument(BacktestTable.ToJson(lines, history.Count, name), invocation.Format);
        return ExitCodes.Completed;
    }
}
