using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Client;

/// <summary>
/// One orchestration in a program's hands: start, prepare action, make actions, complete. Calls without a key are numbered in their order, so a program that
/// is run again after a crash gets the recorded results of the batches that it made before; parallel calls need keys of their own.
/// </summary>
public sealed class OrchestrationHandle
{
    private readonly IOrchestrationClient _client;
    private int _calls;

    internal OrchestrationHandle(IOrchestrationClient client, OrchestrationId id) => (_client, Id) = (client, id);

    /// <summary>The <c>orch_id</c>.</summary>
    public OrchestrationId Id { get; }

    /// <summary>Describes an action to run; does nothing else.</summary>
    /// <param name="name">The action's name on OpenWhisk.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <returns>The action, for a batch.</returns>
    public static ActionSpec PrepareAction(string name, JsonBytes parameters) => new(name, parameters);

    /// <summary>Runs actions and waits for their results.</summary>
    /// <param name="actions">The actions.</param>
    /// <param name="parallelism">At most this many at once; null leaves it to the namespace's limit.</param>
    /// <param name="retries">How many further attempts a failed action gets.</param>
    /// <param name="writers">Whether objects have one writer or several.</param>
    /// <param name="key">Names the batch; null numbers it by the order of calls.</param>
    /// <param name="cancellation">Gives up waiting; the batch goes on.</param>
    /// <returns>The results in the order of the actions; some may have failed while others succeeded.</returns>
    public Task<IReadOnlyList<ActionResult>> MakeActionsAsync(IEnumerable<ActionSpec> actions, int? parallelism = null, int retries = 3, Writers writers = Writers.Single, string? key = null, CancellationToken cancellation = default) =>
        MakeActionsAsync(new BatchSpec(key, [.. actions], new BatchOptions(parallelism, RetryPolicy.Default with { Retries = retries }, writers)), cancellation);

    /// <summary>Runs a batch with options of its own and waits for its results.</summary>
    /// <param name="batch">The batch; without a key it is numbered by the order of calls.</param>
    /// <param name="cancellation">Gives up waiting; the batch goes on.</param>
    /// <returns>The results in the order of the actions.</returns>
    public Task<IReadOnlyList<ActionResult>> MakeActionsAsync(BatchSpec batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var number = Interlocked.Increment(ref _calls) - 1;
        var keyed = batch.Key is null ? batch with { Key = number.ToString(System.Globalization.CultureInfo.InvariantCulture) } : batch;
        return _client.MakeActionsAsync(Id, keyed, cancellation);
    }

    /// <summary>Completes the orchestration.</summary>
    /// <param name="output">What it gives back.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it is complete.</returns>
    public Task CompleteAsync(JsonBytes output = default, CancellationToken cancellation = default) => _client.CompleteAsync(Id, output, cancellation);

    /// <summary>Cancels the orchestration.</summary>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>A task that ends when it is cancelled.</returns>
    public Task CancelAsync(string reason, CancellationToken cancellation = default) => _client.CancelAsync(Id, reason, cancellation);

    /// <summary>Waits for the end.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>How it ended.</returns>
    public Task<OrchestrationEnd> WaitForEndAsync(CancellationToken cancellation = default) => _client.WaitForEndAsync(Id, cancellation);
}
