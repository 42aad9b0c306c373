using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Progress;
using Orchestration.Host.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>One run from its start, or from where an earlier process left it, to its end and report.</summary>
internal sealed class RunSession(RunEnvironment environment, int? poolSize, ReportOutput output)
{
    private readonly Terminal _terminal = output.Terminal;

    /// <summary>Starts a run and sees it to its end.</summary>
    /// <returns>The exit code and the report; no report when the run was interrupted.</returns>
    public Task<RunResult> StartAsync(StartRequest request, RunNote note, CancellationToken interruption) =>
        SeeToEndAsync(client => client.StartAsync(request with { ClientData = note.ToJson() }, CancellationToken.None), note, isNew: true, interruption);

    /// <summary>Goes on with a run.</summary>
    /// <returns>The exit code and the report; no report when the run was interrupted.</returns>
    public Task<RunResult> ResumeAsync(OrchestrationId id, RunNote note, CancellationToken interruption) =>
        SeeToEndAsync(client => client.ResumeAsync(id, CancellationToken.None), note, isNew: false, interruption);

    private async Task<RunResult> SeeToEndAsync(Func<IOrchestrationClient, Task<OrchestrationHandle>> begin, RunNote note, bool isNew, CancellationToken interruption)
    {
        OrchestrationReport report;
        await using (var host = await OrchestratorHost.StartAsync(environment, poolSize, _terminal, interruption))
        {
            var handle = await begin(host.Client);
            _terminal.Note($"{(isNew ? "run" : "resuming run")} {handle.Id}");
            try
            {
                await WatchAsync(host.Client, handle, isNew, interruption);
            }
            catch (OperationCanceledException) when (interruption.IsCancellationRequested)
            {
                _terminal.Say("interrupted: nothing new is started, what has ended is stored");
                await host.DisposeAsync();
                _terminal.Say($"go on with: {CommandName.Runs($"resume {handle.Id}", environment.Storage)}");
                return new RunResult(ExitCodes.Interrupted, null);
            }
            report = await ReadReportAsync(host.Client, handle.Id);
        }
        var problem = report.Status == OrchestrationStatus.Completed ? await DownloadAsync(note, report) : null;
        output.Put(report);
        if (problem is not null)
            throw problem;
        return new RunResult(ExitCodes.Of(report.Status), report);
    }

    private async Task WatchAsync(IOrchestrationClient client, OrchestrationHandle handle, bool isNew, CancellationToken interruption)
    {
        if (_terminal.IsQuiet)
        {
            await handle.WaitForEndAsync(interruption);
            return;
        }
        await using var view = ProgressViews.Open(_terminal, RunLimits.Of(environment.MaxInFlight, poolSize));
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        var watcher = new RunWatcher(client, handle.Id, view, isNew);
        var watch = watcher.WatchAsync(watching.Token);
        try
        {
            await handle.WaitForEndAsync(interruption);
        }
        finally
        {
            await watching.CancelAsync();
            await watch;
        }
        await watcher.FinishAsync();
    }

    private static async Task<OrchestrationReport> ReadReportAsync(IOrchestrationClient client, OrchestrationId id)
    {
        var fold = new ReportFold(id);
        await foreach (var row in client.ReadHistoryAsync(id))
            fold.Add(row.Commit);
        return fold.ToReport();
    }

    // Whatever happens to a file, the report is printed: the run itself is complete.
    private async Task<CommandException?> DownloadAsync(RunNote note, OrchestrationReport report)
    {
        foreach (var get in note.Gets)
        {
            try
            {
                if (environment.Store is not { } store)
                    throw CommandException.Failure($"--get {get.Object}: there is no object store. Give one with --object-store.");
                await Transfers.DownloadAsync(store, get.Object ?? OutputObject(report.Output), get.File, _terminal, CancellationToken.None);
            }
            catch (Exception e) when (e is CommandException or Core.Ports.ObjectStoreException)
            {
                return e as CommandException ?? CommandException.Failure($"--get {get.Object}: {e.Message}", e);
            }
        }
        return null;
    }

    private static ObjectKey OutputObject(JsonBytes output)
    {
        using var document = output.ToDocument();
        return document.RootElement.ValueKind == System.Text.Json.JsonValueKind.String && ObjectKey.TryParse(document.RootElement.GetString(), out var key)
            ? key
            : throw CommandException.Failure($"The output {Humanize.Shorten(output.ToString(), 100)} names no object.");
    }
}

/// <summary>What came of a run.</summary>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Report">What happened; null when the run was interrupted.</param>
internal sealed record RunResult(int ExitCode, OrchestrationReport? Report);
