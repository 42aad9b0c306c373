using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Host.Api.Batches;
using Orchestration.Host.Progress;
using Orchestration.Host.Running;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Api.Runs;

/// <summary>What others may have done by the process that works on a data directory.</summary>
/// <param name="client">Its orchestrator.</param>
/// <param name="environment">What its runs stand on.</param>
/// <param name="active">The runs that go on in it.</param>
/// <param name="terminal">Where its person is told what others do.</param>
internal sealed class RunService(IOrchestrationClient client, RunEnvironment environment, ActiveRuns active, Terminal terminal)
{
    private readonly ConcurrentDictionary<OrchestrationId, Task<PastRunsOfPipeline?>> _past = new();

    private static readonly TimeSpan CatalogWait = TimeSpan.FromSeconds(10);

    public RunEnvironment Environment => environment;

    public ActiveRuns Active => active;

    /// <summary>Adds a batch; without a key it gets the next number.</summary>
    /// <returns>The batch's key.</returns>
    public async Task<string> SubmitBatchAsync(OrchestrationId id, BatchSpec batch, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        MustGoOnHere(id);
        using var visit = active.Visit(id);
        if (batch.Actions.Select(a => InvocationBody.Problem(a.Parameters) is { } problem ? $"'{a.Name}': {problem}" : null).FirstOrDefault(p => p is not null) is { } wrong)
            throw new FormatException($"Action {wrong}");
        var key = batch.Key ?? (await client.GetProgressAsync(id, cancellation)).Batches.Count.ToString(CultureInfo.InvariantCulture);
        await client.SubmitBatchAsync(id, batch with { Key = key }, cancellation);
        return key;
    }

    /// <summary>Reads where a batch stands, with its results when it has ended.</summary>
    /// <param name="id">Which run.</param>
    /// <param name="key">Which of its batches.</param>
    /// <param name="wait">How long to wait for its end.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<JsonBytes> ReadBatchAsync(OrchestrationId id, string key, TimeSpan wait, CancellationToken cancellation)
    {
        // Looking at one that does not go on here would take it up.
        if (!active.Contains(id) && ReadReport(id).Status == OrchestrationStatus.Running)
            MustGoOnHere(id);
        using var visit = active.Visit(id);
        var batch = await FindBatchAsync(id, key, cancellation);
        if (wait > TimeSpan.Zero && batch.Progress.Status == OrchestrationStatus.Running && !HasEnded(batch.Batch))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(wait);
            try
            {
                await client.WaitForBatchAsync(id, key, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // It goes on; the answer says so.
            }
            batch = await FindBatchAsync(id, key, cancellation);
        }
        if (HasEnded(batch.Batch))
            return BatchJson.Write(batch.Batch, "ended", await client.GetResultsAsync(id, key, cancellation));
        return BatchJson.Write(batch.Batch, ReportJson.NameOf(batch.Progress.Status), null);
    }

    /// <summary>Ends a run as failed, because the program that made its batches cannot go on.</summary>
    public async Task FailAsync(OrchestrationId id, string? code, string message, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        await client.FailAsync(id, new Failure(code ?? "CLIENT", message), cancellation);
    }

    /// <summary>Goes on with a run that was interrupted; one that goes on here already just does.</summary>
    public async Task ResumeAsync(OrchestrationId id, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        if (active.Contains(id))
            return;
        var start = Read(runs => runs.ReadStart(id));
        if (start.Platform != environment.Platform)
            throw OtherPlatform(environment, $"The run {id} was started on OpenWhisk {start.Platform.ApiHost} with the object store '{start.Platform.ObjectStore}'");
        await client.ResumeAsync(id, cancellation);
        active.Add(id);
        terminal.Note($"run {id} goes on here for another terminal");
    }

    /// <summary>Goes on with a run that has ended, with what failed. The actions of its workflow are deployed as their files are now.</summary>
    public async Task RetryAsync(OrchestrationId id, string? step, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        var run = Read(runs => StartedRun.Read(runs, id.Value));
        if (run.Report.Status == OrchestrationStatus.Running)
            throw new ApiException(409, "RUNNING", $"The run {id} has not ended. Retry what failed when it has, or cancel it first.");
        if (environment.IsLocal)
            await WorkflowDeployment.RedeployAsync(run, environment.Whisk!, cancellation);
        await client.RetryAsync(id, step, cancellation);
        active.Add(id);
        terminal.Note($"run {id} ({run.Start.Name}) goes on here for another terminal");
    }

    /// <summary>Cancels a run, also one that nobody works on.</summary>
    public async Task CancelAsync(OrchestrationId id, string reason, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        await client.CancelAsync(id, reason, cancellation);
    }

    /// <summary>Completes a run whose batches a client made, or closes any that nobody goes on with.</summary>
    public async Task CompleteAsync(OrchestrationId id, JsonBytes output, bool isAbandoned, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        if (!isAbandoned)
        {
            // One that is refused goes on here from now on.
            active.Add(id);
            await client.CompleteAsync(id, output, cancellation);
            // Who is told that it is complete may look for it where the catalog is.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(CatalogWait);
            await CatalogPatience.WaitAsync(client, id, environment.Storage, terminal, patience.Token);
            return;
        }
        if (active.Contains(id))
            throw new ApiException(409, "RUNNING", $"The run {id} goes on in process {System.Environment.ProcessId}. Cancel it, or wait for its end.");
        await client.CloseAbandonedAsync(id, output, cancellation);
    }

    /// <summary>Reads what the activations of a run wrote to their logs.</summary>
    public Task<IReadOnlyList<AttemptLog>> ReadLogsAsync(OrchestrationId id, string? action, CancellationToken cancellation) =>
        AttemptLogs.ReadAsync(ReadReport(id), action, environment.Whisk!, cancellation);

    /// <summary>The runs that wait for a place, in the order in which they are admitted.</summary>
    public async Task<IReadOnlyList<OrchestrationId>> ReadWaitingAsync(CancellationToken cancellation) => (await client.GetAdmissionAsync(cancellation)).Waiting;

    /// <summary>The one run that the <c>{id}</c> of a route means, an id or the beginning of one.</summary>
    public OrchestrationId Resolve(HttpContext context) => Read(runs => runs.Resolve((string)context.Request.RouteValues["id"]!));

    public OrchestrationReport ReadReport(OrchestrationId id) => Read(runs => runs.ReadReport(id));

    public Task<IReadOnlyList<RunSummary>> ListAsync(RunQuery query, RunPage page, CancellationToken cancellation) => environment.Storage.ListRunsAsync(query, page, cancellation);

    public async Task<RunSummary> SummarizeAsync(OrchestrationId id, CancellationToken cancellation) =>
        (await ListAsync(new RunQuery(IdPrefix: id.Value, Limit: 1), RunPage.All, cancellation))[0];

    /// <summary>The stored rows of a run behind one of them, and those to come while it goes on here; ends with the run.</summary>
    public async IAsyncEnumerable<StoredCommit> FollowAsync(OrchestrationId id, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (active.Contains(id))
        {
            using var visit = active.Visit(id);
            await foreach (var (row, _) in client.FollowAsync(id, after, cancellation))
                yield return row;
            yield break;
        }
        // Watching one that does not go on here would take it up.
        await foreach (var row in client.ReadHistoryAsync(id, after + 1, cancellation))
            yield return row;
    }

    /// <summary>How long a run of a workflow that goes on here still takes, by past runs; null when nothing tells.</summary>
    public async Task<TimeLeftEstimate?> EstimateAsync(OrchestrationId id, CancellationToken cancellation)
    {
        if (!active.Contains(id))
            return null;
        var past = await _past.GetOrAdd(id, _ => PastRunsReading.Begin(environment.Storage, Read(runs => runs.ReadStart(id)), environment.Store, CancellationToken.None)).WaitAsync(cancellation);
        var progress = new RunProgress();
        var (standing, since) = (default((int, int)), DateTimeOffset.MinValue);
        await foreach (var row in client.ReadHistoryAsync(id, cancellation))
        {
            foreach (var fact in row.Commit.Facts)
            {
                progress.Apply(fact);
                if (TimeLeft.Standing(progress) is var now && now != standing)
                    (standing, since) = (now, fact.Time);
            }
        }
        return new TimeLeft(Task.FromResult(past)).Estimate(progress, DateTimeOffset.UtcNow, since);
    }

    /// <summary>How a run stands, as people read it.</summary>
    public string StatusOf(OrchestrationId id, OrchestrationStatus status) =>
        status == OrchestrationStatus.Running && !active.Contains(id) ? "interrupted" : ReportJson.NameOf(status);

    private static bool HasEnded(BatchProgress batch) => batch.Succeeded + batch.Failed == batch.Count;

    private async Task<(OrchestrationProgress Progress, BatchProgress Batch)> FindBatchAsync(OrchestrationId id, string key, CancellationToken cancellation)
    {
        var progress = await client.GetProgressAsync(id, cancellation);
        return (progress, progress.Batches.FirstOrDefault(b => b.Key == key)
            ?? throw new ApiException(404, "NO_BATCH", $"The run {id} has no batch '{key}'; it has {(progress.Batches.Count == 0 ? "none" : string.Join(", ", progress.Batches.Select(b => $"'{b.Key}'")))}."));
    }

    private void MustGoOnHere(OrchestrationId id)
    {
        if (!active.Contains(id))
            throw ReadReport(id).Status == OrchestrationStatus.Running
                ? new ApiException(409, "INTERRUPTED", $"The run {id} does not go on in this process. Resume it first: POST /v1/orchestrations/{id}/resume.")
                : new ApiException(409, "ENDED", $"The run {id} has ended. Start another one.");
    }

    /// <summary>The refusal of what is for another platform than that of the process.</summary>
    public static ApiException OtherPlatform(RunEnvironment environment, string what) => new(409, "OTHER_PLATFORM",
        $"{what}, and the process {System.Environment.ProcessId} that works on {environment.Storage.Name} runs actions on {environment.Platform.ApiHost} with the object store '{environment.Platform.ObjectStore}'. "
        + "Wait until that process has ended, or use another --data-dir.");

    private T Read<T>(Func<StoredRuns, T> read)
    {
        using var runs = new StoredRuns(environment.Storage);
        return read(runs);
    }
}
