using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Core.Scheduling;
using Orchestration.Core.State;

namespace Orchestration.Actors.Client;

/// <summary>
/// What programs outside the actor system call. Every call ends by its token or by the call timeout of the options; what a call says it has done is durable.
/// Refusals are <see cref="OrchestrationException"/>s with a code, the cause and what to do.
/// </summary>
public interface IOrchestrationClient
{
    /// <summary>Draws a new id: a MongoDB ObjectId of now.</summary>
    /// <returns>An id that no other process draws.</returns>
    OrchestrationId NewId();

    /// <summary>Starts an orchestration; doing so twice with the same request is one start.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="cancellation">Gives up waiting; the start may have happened.</param>
    /// <returns>A handle of the durable orchestration.</returns>
    Task<OrchestrationHandle> StartAsync(StartRequest request, CancellationToken cancellation = default);

    /// <summary>Starts an orchestration whose batches the caller makes.</summary>
    /// <param name="name">Its name, shared by all runs of one pipeline.</param>
    /// <param name="cancellation">Gives up waiting; the start may have happened.</param>
    /// <returns>A handle of the durable orchestration.</returns>
    Task<OrchestrationHandle> StartAsync(string name, CancellationToken cancellation = default) => StartAsync(new StartRequest(name), cancellation);

    /// <summary>Starts a program of this process (<see cref="Hosting.OrchestrationOptions.AddProgram"/>); doing so twice with the same id and input is one start.</summary>
    /// <param name="name">The program's name.</param>
    /// <param name="input">What it gets, any JSON value.</param>
    /// <param name="id">The orchestration's id; null draws one.</param>
    /// <param name="cancellation">Gives up waiting; the start may have happened.</param>
    /// <returns>A handle of the durable orchestration.</returns>
    Task<OrchestrationHandle> StartProgramAsync(string name, JsonBytes input = default, OrchestrationId? id = null, CancellationToken cancellation = default) =>
        StartAsync(new StartRequest(name) { Id = id, Pipeline = new PipelineDefinition(PipelineDefinition.ProgramKind, name, input, []) }, cancellation);

    /// <summary>Takes up an orchestration that an earlier process started; what succeeded is not run again. One in quarantine is tried again; one that another process runs is refused (<c>OWNED</c>).</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A handle whose batches without a key count from the first again.</returns>
    Task<OrchestrationHandle> ResumeAsync(OrchestrationId id, CancellationToken cancellation = default);

    /// <summary>Takes up an orchestration although another process may be running it; that one stops as soon as it wants to store something, and at the latest when it renews its lease.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A handle as of <see cref="ResumeAsync"/>.</returns>
    Task<OrchestrationHandle> TakeOverAsync(OrchestrationId id, CancellationToken cancellation = default);

    /// <summary>Adds a batch and waits for its results. A known key with the same content returns the recorded results and runs nothing.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="batch">The batch; its key is set.</param>
    /// <param name="cancellation">Gives up waiting; the batch goes on.</param>
    /// <returns>The results in the order of the actions; failed ones among them.</returns>
    Task<IReadOnlyList<ActionResult>> MakeActionsAsync(OrchestrationId id, BatchSpec batch, CancellationToken cancellation = default);

    /// <summary>Adds a batch and does not wait for its end. A known key with the same content adds nothing.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="batch">The batch; its key is set.</param>
    /// <param name="cancellation">Gives up waiting; the batch may have been added.</param>
    /// <returns>A task that ends when the batch is stored.</returns>
    Task SubmitBatchAsync(OrchestrationId id, BatchSpec batch, CancellationToken cancellation = default);

    /// <summary>Waits for the end of a batch.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="key">The batch's key.</param>
    /// <param name="cancellation">Gives up waiting; the batch goes on.</param>
    /// <returns>A task that ends with the batch.</returns>
    Task WaitForBatchAsync(OrchestrationId id, string key, CancellationToken cancellation = default);

    /// <summary>Reads the results of a batch that has ended.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="key">The batch's key.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The results in the order of the actions.</returns>
    Task<IReadOnlyList<ActionResult>> GetResultsAsync(OrchestrationId id, string key, CancellationToken cancellation = default);

    /// <summary>Completes an orchestration that no pipeline drives.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="output">What it gives back.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it is complete.</returns>
    Task CompleteAsync(OrchestrationId id, JsonBytes output, CancellationToken cancellation = default);

    /// <summary>Closes an orchestration that nobody goes on with: it completes as it stands, also one that a pipeline drives.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="output">What it gives back.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it is complete.</returns>
    Task CloseAbandonedAsync(OrchestrationId id, JsonBytes output, CancellationToken cancellation = default);

    /// <summary>Goes on with an orchestration that has ended: what failed gets fresh retries, what succeeded stays, and what follows is run.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="step">Only failed actions of the batch with this key, and what its end had cut off; null for all that failed.</param>
    /// <param name="cancellation">Gives up waiting; it may go on.</param>
    /// <returns>A handle of the orchestration, which runs again.</returns>
    Task<OrchestrationHandle> RetryAsync(OrchestrationId id, string? step = null, CancellationToken cancellation = default);

    /// <summary>Ends an orchestration as failed, because what made its batches cannot go on: nothing new starts, what runs is no longer waited for. One that has ended stays as it is.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="failure">Why.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it has failed.</returns>
    Task FailAsync(OrchestrationId id, Failure failure, CancellationToken cancellation = default);

    /// <summary>Cancels an orchestration: nothing new starts, what runs is no longer waited for. One that has ended stays as it is.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it is cancelled.</returns>
    Task CancelAsync(OrchestrationId id, string reason, CancellationToken cancellation = default);

    /// <summary>Waits for the end.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>How it ended.</returns>
    Task<OrchestrationEnd> WaitForEndAsync(OrchestrationId id, CancellationToken cancellation = default);

    /// <summary>Looks where an orchestration stands.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>Counts per batch.</returns>
    Task<OrchestrationProgress> GetProgressAsync(OrchestrationId id, CancellationToken cancellation = default);

    /// <summary>Reads everything that was stored of an orchestration, for reports.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>Its rows in order; none when it was never started.</returns>
    IAsyncEnumerable<StoredCommit> ReadHistoryAsync(OrchestrationId id, CancellationToken cancellation = default);

    /// <summary>Reads what was stored of an orchestration behind a row.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="from">The first sequence number, from 1 up.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>Its rows in order.</returns>
    IAsyncEnumerable<StoredCommit> ReadHistoryAsync(OrchestrationId id, long from, CancellationToken cancellation = default);

    /// <summary>Lists what is unfinished, and what is in quarantine with the reason.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The unfinished orchestrations.</returns>
    Task<IndexState> GetUnfinishedAsync(CancellationToken cancellation = default);

    /// <summary>Looks how invocations of the namespace are paced just now, over all orchestrations.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>What holds them back, and the limits in force.</returns>
    Task<PacingSnapshot> GetPacingAsync(CancellationToken cancellation = default);

    /// <summary>Looks which orchestrations run here, and which wait because of <see cref="Hosting.OrchestrationOptions.MaxActive"/>.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>Both.</returns>
    Task<AdmissionView> GetAdmissionAsync(CancellationToken cancellation = default);

    /// <summary>Starts no new attempts in this process from now on, for a process that is about to end, and waits for those under way. What is left goes on in the next process.</summary>
    /// <param name="cancellation">Gives up waiting; nothing new is started all the same.</param>
    /// <returns>A task that ends when no attempt is under way.</returns>
    Task DrainAsync(CancellationToken cancellation = default);

    /// <summary>Watches what is stored from now on. For showing, not for deciding: rows are left out when the watcher is slow.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="cancellation">Stops watching.</param>
    /// <returns>Rows as they are stored; ends when the orchestration has ended.</returns>
    IAsyncEnumerable<StoredCommit> WatchAsync(OrchestrationId id, CancellationToken cancellation = default);
}

/// <summary>What to start.</summary>
/// <param name="Name">The orchestration's name, shared by all runs of one pipeline.</param>
public sealed record StartRequest(string Name)
{
    /// <summary>Its id; null draws one.</summary>
    public OrchestrationId? Id { get; init; }

    /// <summary>The pipeline that makes its batches; null when the caller adds them.</summary>
    public PipelineDefinition? Pipeline { get; init; }

    /// <summary>Any JSON value that is kept with the orchestration for the caller.</summary>
    public JsonBytes ClientData { get; init; }
}

/// <summary>How an orchestration ended.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">Completed, failed or cancelled.</param>
/// <param name="Output">What it gave back; JSON null unless completed.</param>
/// <param name="Failure">Why it failed or was cancelled; null when completed.</param>
public sealed record OrchestrationEnd(OrchestrationId Id, OrchestrationStatus Status, JsonBytes Output, Failure? Failure);

/// <summary>Where an orchestration stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Started">How it was started.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Batches">Every sealed batch in order.</param>
public sealed record OrchestrationProgress(OrchestrationId Id, OrchestrationStarted Started, OrchestrationStatus Status, IReadOnlyList<BatchProgress> Batches);

/// <summary>Where a batch stands.</summary>
/// <param name="Key">Its key; a workflow's step id.</param>
/// <param name="Count">How many actions it has.</param>
/// <param name="Succeeded">How many have succeeded.</param>
/// <param name="Failed">How many have failed for good.</param>
/// <param name="Running">How many run.</param>
/// <param name="Retrying">How many wait for another attempt.</param>
public sealed record BatchProgress(string Key, int Count, int Succeeded, int Failed, int Running, int Retrying);

/// <summary>The orchestrator refused a request.</summary>
public sealed class OrchestrationException : Exception
{
    /// <summary>Reports a refusal.</summary>
    /// <param name="code">Short and stable, such as <c>BATCH_CHANGED</c>.</param>
    /// <param name="message">Cause, value and remedy.</param>
    public OrchestrationException(string code, string message)
        : base(message) => Code = code;

    /// <summary>Short and stable, such as <c>BATCH_CHANGED</c>.</summary>
    public string Code { get; }
}
