using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Reports;
using Orchestration.Host.Demos;
using Orchestration.Host.Progress;
using Orchestration.Host.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>
/// One run from its start, or from where an earlier process left it, to its end and report. Meanwhile this process works on the data directory, also for
/// others, and stays until the runs of others have ended.
/// </summary>
internal sealed class RunSession(RunEnvironment environment, int? poolSize, ReportOutput output)
{
    private readonly Terminal _terminal = output.Terminal;

    /// <summary>What the demo loses on purpose; null when nothing.</summary>
    public ChunkLoss? Loss { get; init; }

    /// <summary>Tells how long the run still takes; null when nothing can.</summary>
    public TimeLeft? TimeLeft { get; init; }

    /// <summary>Starts a run and sees it to its end.</summary>
    /// <returns>The exit code and the report; no report when the run was interrupted.</returns>
    public Task<RunResult> StartAsync(StartRequest request, RunNote note, CancellationToken interruption) =>
        SeeToEndAsync(client => client.StartAsync(request with { ClientData = note.ToJson() }, CancellationToken.None), note, "run", isNew: true, interruption);

    /// <summary>Goes on with a run, also with one that another process has when told to take over.</summary>
    /// <returns>The exit code and the report; no report when the run was interrupted.</returns>
    public Task<RunResult> ResumeAsync(OrchestrationId id, bool takeOver, RunNote note, CancellationToken interruption) =>
        SeeToEndAsync(client => takeOver ? client.TakeOverAsync(id, CancellationToken.None) : client.ResumeAsync(id, CancellationToken.None), note, "resuming run", isNew: false, interruption);

    /// <summary>Goes on with a run that has ended, with what failed.</summary>
    /// <returns>The exit code and the report; no report when the run was interrupted.</returns>
    public Task<RunResult> RetryAsync(OrchestrationId id, string? step, RunNote note, CancellationToken interruption) =>
        SeeToEndAsync(client => client.RetryAsync(id, step, CancellationToken.None), note, "retrying run", isNew: false, interruption);

    private async Task<RunResult> SeeToEndAsync(Func<IOrchestrationClient, Task<OrchestrationHandle>> begin, RunNote note, string label, bool isNew, CancellationToken interruption)
    {
        OrchestrationId id;
        await using (var host = await OrchestratorHost.StartAsync(environment, poolSize, _terminal, interruption))
        {
            await using var ownership = await Ownership.TakeAsync(host.Client, environment, _terminal, interruption);
            var handle = await begin(host.Client);
            id = handle.Id;
            ownership.Active.Add(id);
            _terminal.Note($"{label} {id}");
            try
            {
                await WatchAsync(host.Client, handle, isNew, interruption);
                ownership.Active.Remove(id);
                return await FinishAsync(host.Client, id, note, ownership, interruption);
            }
            catch (OperationCanceledException) when (interruption.IsCancellationRequested)
            {
                _terminal.Say("interrupted: nothing new is started, what has ended is stored");
            }
        }
        _terminal.Say($"go on with: {CommandName.Runs($"resume {id}", environment.Storage)}");
        return new RunResult(ExitCodes.Interrupted, null);
    }

    private async Task<RunResult> FinishAsync(IOrchestrationClient client, OrchestrationId id, RunNote note, Ownership ownership, CancellationToken interruption)
    {
        var ending = new RunEnding(environment.Store, output) { Loss = Loss };
        var report = await ReadReportAsync(client, id);
        await CatalogPatience.WaitAsync(client, id, environment.Storage, _terminal, interruption);
        var (result, problem) = await ending.FinishAsync(report, note);
        await ownership.FinishOthersAsync(interruption);
        return problem is null ? result : throw problem;
    }

    private async Task WatchAsync(IOrchestrationClient client, OrchestrationHandle handle, bool isNew, CancellationToken interruption)
    {
        if (_terminal.IsQuiet)
        {
            await handle.WaitForEndAsync(interruption);
            return;
        }
        var shown = ProgressViews.Open(_terminal, RunLimits.Of(environment.MaxInFlight, poolSize), TimeLeft);
        await using var view = Loss?.Around(shown) ?? shown;
        await using var pacing = new PacingNotes(client, _terminal, TimeProvider.System);
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
        // Where every activation ended within its invocation there is nothing to tell.
        var requests = (await client.GetPacingAsync(interruption)).Requests;
        if (requests.Looks + requests.ListPages > 0)
            _terminal.Say(requests.ToText());
    }

    private static async Task<OrchestrationReport> ReadReportAsync(IOrchestrationClient client, OrchestrationId id)
    {
        var fold = new ReportFold(id);
        await foreach (var row in client.ReadHistoryAsync(id))
            fold.Add(row.Commit);
        return fold.ToReport();
    }
}

/// <summary>What came of a run.</summary>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Report">What happened; null when the run was interrupted.</param>
internal sealed record RunResult(int ExitCode, OrchestrationReport? Report);
