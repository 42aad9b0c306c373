using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Core.Predictions;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>predict workflow FILE</c>: duration, cost and storage of a run before anything runs.</summary>
internal static class PredictWorkflowCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "The workflow file (YAML)" };

    private static readonly Option<long?> InputSize = PredictCommand.NewInputSize("that of the object that a parameter names, else that of the latest run");

    public static Command Create()
    {
        var command = new Command("workflow", "Predict how long a run of a workflow file takes, what it costs and what it writes.") { File, ParameterOptions.Parameters, ParameterOptions.Files, InputSize };
        PriceOptions.AddTo(command);
        foreach (var option in new Option[] { CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey })
            command.Options.Add(option);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var workflow = WorkflowFile.Load(line.GetRequiredValue(File));
        var parameters = ParameterOptions.Read(line, workflow);
        var steps = workflow.ToForecast(parameters);
        var prices = PriceOptions.Read(invocation);
        var history = RunHistory.Of(await PastRuns.ReadAsync(RunStorage.Of(invocation.Settings), workflow.Name, PastRuns.DefaultLimit, invocation.Interruption));
        var (size, source) = await FindSizeAsync(invocation, parameters, history);
        var forecast = Forecast.Of(history, steps, size, prices.Prices)
            ?? throw CommandException.Failure($"The {Humanize.Count(history.Count, "run")} of '{workflow.Name}' had none of the steps of {line.GetRequiredValue(File)} ({NearestName.List([.. steps.Select(s => s.Id)], "none")}), so nothing can be predicted.");
        if (invocation.Format == OutputFormat.Table)
            ForecastTable.Print(forecast, workflow.Name, (size, source), prices, invocation.Terminal);
        else
            Terminal.PrintDocument(ForecastTable.ToJson(forecast, workflow.Name, size, prices), invocation.Format);
        return ExitCodes.Completed;
    }

    private static async Task<(long Size, string Source)> FindSizeAsync(Invocation invocation, Dictionary<string, JsonBytes> parameters, RunHistory history)
    {
        if (invocation.Line.GetValue(InputSize) is { } given)
            return (given, InputSize.Name);
        var latest = history.Runs.Last();
        using var runs = new StoredRuns(RunStorage.Of(invocation.Settings));
        if (ObjectStores.OpenOf(invocation.Settings, runs, latest.Id) is { } store)
        {
            using var closing = store as IDisposable;
            if (await InputSizes.FindAsync(parameters, history, store, invocation.Interruption) is { } found)
                return (found.Size, found.Object.Value);
        }

        return (latest.InputSize ?? 0, "as in the latest run");
    }
}
