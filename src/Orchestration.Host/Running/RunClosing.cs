using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Commands;
using Orchestration.Host.Remote;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>Ends a run from outside: in the process that works on the data directory, or here, where no OpenWhisk is needed for it.</summary>
internal static class RunClosing
{
    /// <summary>Ends it and prints its report.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="idOrPrefix">Which run.</param>
    /// <param name="wanted">How it is to end.</param>
    /// <param name="verb">What is asked of another process, the last part of the API's route.</param>
    /// <param name="body">What goes with it.</param>
    /// <param name="close">Does it here.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">It has ended otherwise, or it goes on where this process cannot reach it.</exception>
    public static async Task<int> RunAsync(
        Invocation invocation, string idOrPrefix, OrchestrationStatus wanted, string verb, JsonBytes body, Func<IOrchestrationClient, OrchestrationId, Task> close)
    {
        var storage = RunStorage.Of(invocation.Settings);
        using var runs = new StoredRuns(storage);
        var run = StartedRun.Read(runs, idOrPrefix);
        if (run.Report.Status != OrchestrationStatus.Running && run.Report.Status != wanted)
            throw CommandException.Failure($"The run {run.Id} has ended already, as {ReportJson.NameOf(run.Report.Status)}; there is nothing to {verb}.");
        if (run.Report.Status == OrchestrationStatus.Running)
        {
            await Workers.DoAsync(
                invocation,
                async owner =>
                {
                    await owner.ChangeAsync(run.Id, verb, body, invocation.Interruption);
                    return true;
                },
                async () =>
                {
                    // Only who has the data directory knows that nobody else works on the run.
                    if (!storage.HasOneWorker && runs.StatusOf(run.Id, run.Report.Status) == "running")
                        throw CommandException.Failure($"The run {run.Id} goes on in another process, which cannot be asked from here. Interrupt it there first (Ctrl-C).");
                    await using var environment = await RunEnvironment.OpenStorageAsync(invocation.Settings, run.Start.Platform, invocation.Interruption);
                    await using var host = await OrchestratorHost.StartAsync(environment, null, invocation.Terminal, invocation.Interruption);
                    await close(host.Client, run.Id);
                    return true;
                });
        }
        invocation.Reports(storage).Put(runs.ReadReport(run.Id));
        return ExitCodes.Completed;
    }
}
