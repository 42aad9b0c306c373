using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Hosting;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Scheduling;
using Orchestration.Core.State;
using static Orchestration.Actors.Protocol.OrchestratorReplies;
using static Orchestration.Actors.Protocol.OrchestratorRequests;
using Failure = Orchestration.Core.Retries.Failure;

namespace Orchestration.Actors.Client;

/// <summary>The client over actor messages.</summary>
internal sealed class OrchestrationClient(ActorSystem system, IRequiredActor<OrchestrationRegion> region, TimeSpan callTimeout, JournalReader journal) : IOrchestrationClient
{
    private const int WatchedRows = 1000;

    private readonly IdSource _ids = new();

    public OrchestrationId NewId() => _ids.NextOrchestration(DateTimeOffset.UtcNow);

    public async Task<OrchestrationHandle> StartAsync(StartRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = request.Id ?? NewId();
        await AskAsync<Done>(id, new StartOrchestration(request.Name, request.Pipeline, request.ClientData), cancellation);
        return new OrchestrationHandle(this, id);
    }

    public Task<OrchestrationHandle> ResumeAsync(OrchestrationId id, CancellationToken cancellation) => WakeAsync(id, new Wake(), cancellation);

    public Task<OrchestrationHandle> TakeOverAsync(OrchestrationId id, CancellationToken cancellation) => WakeAsync(id, new Wake(TakeOver: true), cancellation);

    public async Task<IReadOnlyList<ActionResult>> MakeActionsAsync(OrchestrationId id, BatchSpec batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var key = batch.Key ?? throw new ArgumentException("The batch needs a key; an OrchestrationHandle numbers batches by itself.", nameof(batch));
        await SubmitBatchAsync(id, batch, cancellation);
        await WaitForBatchAsync(id, key, cancellation);
        return await GetResultsAsync(id, key, cancellation);
    }

    public Task SubmitBatchAsync(OrchestrationId id, BatchSpec batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentException.ThrowIfNullOrEmpty(batch.Key);
        return AskAsync<Done>(id, new SubmitBatch(batch), cancellation);
    }

    public Task WaitForBatchAsync(OrchestrationId id, string key, CancellationToken cancellation) =>
        WaitAsync<OrchestratorReplies.BatchEnded>(id, new WaitForBatch(key), cancellation);

    public async Task<IReadOnlyList<ActionResult>> GetResultsAsync(OrchestrationId id, string key, CancellationToken cancellation) =>
        (await AskAsync<Results>(id, new GetResults(key), cancellation)).All;

    public Task CompleteAsync(OrchestrationId id, JsonBytes output, CancellationToken cancellation) =>
        AskAsync<Done>(id, new CompleteOrchestration(output, false), cancellation);

    public Task CloseAbandonedAsync(OrchestrationId id, JsonBytes output, CancellationToken cancellation) =>
        AskAsync<Done>(id, new CompleteOrchestration(output, true), cancellation);

    public async Task<OrchestrationHandle> RetryAsync(OrchestrationId id, string? step, CancellationToken cancellation)
    {
        await AskAsync<Done>(id, new RetryActions(step), cancellation);
        return new OrchestrationHandle(this, id);
    }

    public Task FailAsync(OrchestrationId id, Failure failure, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return AskAsync<Done>(id, new FailOrchestration(failure), cancellation);
    }

    public Task CancelAsync(OrchestrationId id, string reason, CancellationToken cancellation) =>
        AskAsync<Done>(id, new CancelOrchestration(reason), cancellation);

    public Task<OrchestrationEnd> WaitForEndAsync(OrchestrationId id, CancellationToken cancellation) =>
        WaitAsync<OrchestrationEnd>(id, new WaitForEnd(), cancellation);

    public Task<OrchestrationProgress> GetProgressAsync(OrchestrationId id, CancellationToken cancellation) =>
        AskAsync<OrchestrationProgress>(id, new GetProgress(), cancellation);

    public IAsyncEnumerable<StoredCommit> ReadHistoryAsync(OrchestrationId id, CancellationToken cancellation) =>
        ReadHistoryAsync(id, 1, cancellation);

    public IAsyncEnumerable<StoredCommit> ReadHistoryAsync(OrchestrationId id, long from, CancellationToken cancellation) =>
        journal.ReadAsync(id, from, long.MaxValue, cancellation);

    public async Task<IndexState> GetUnfinishedAsync(CancellationToken cancellation) =>
        await (await region.GetAsync(cancellation)).Ask<IndexState>(new IndexProtocol.GetUnfinished(), callTimeout, cancellation);

    public async Task<PacingSnapshot> GetPacingAsync(CancellationToken cancellation) =>
        await (await region.GetAsync(cancellation)).Ask<PacingSnapshot>(new SlotProtocol.GetPacing(), callTimeout, cancellation);

    public async Task<AdmissionView> GetAdmissionAsync(CancellationToken cancellation) =>
        await (await region.GetAsync(cancellation)).Ask<AdmissionView>(new AdmissionProtocol.GetView(), callTimeout, cancellation);

    public async Task DrainAsync(CancellationToken cancellation) =>
        await (await region.GetAsync(cancellation)).Ask<SlotProtocol.Drained>(new SlotProtocol.Drain(), Timeout.InfiniteTimeSpan, cancellation);

    public async IAsyncEnumerable<StoredCommit> WatchAsync(OrchestrationId id, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rows = Channel.CreateBounded<StoredCommit>(new BoundedChannelOptions(WatchedRows) { FullMode = BoundedChannelFullMode.DropOldest });
        var target = await region.GetAsync(cancellation);
        var watcher = system.ActorOf(Props.Create(() => new Watcher(target, id, rows.Writer)));
        try
        {
            await foreach (var row in rows.Reader.ReadAllAsync(cancellation))
                yield return row;
        }
        finally
        {
            system.Stop(watcher);
        }
    }

    private async Task<OrchestrationHandle> WakeAsync(OrchestrationId id, Wake wake, CancellationToken cancellation)
    {
        await AskAsync<Done>(id, wake, cancellation);
        await AskAsync<OrchestrationProgress>(id, new GetProgress(), cancellation);
        return new OrchestrationHandle(this, id);
    }

    private async Task<T> AskAsync<T>(OrchestrationId id, object request, CancellationToken cancellation)
    {
        var target = await region.GetAsync(cancellation);
        object reply;
        try
        {
            reply = await target.Ask<object>(new EntityMessage(id, request), callTimeout, cancellation);
        }
        catch (AskTimeoutException)
        {
            throw new OrchestrationException("NO_ANSWER", $"The orchestration {id} did not answer within {callTimeout}; whether the request was carried out is not known. Asking again is safe.");
        }

        return Unwrap<T>(reply);
    }

    private async Task<T> WaitAsync<T>(OrchestrationId id, object request, CancellationToken cancellation)
    {
        var target = await region.GetAsync(cancellation);
        var done = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiter = system.ActorOf(Props.Create(() => new Waiter(target, new EntityMessage(id, request), done)));
        await using var registration = cancellation.Register(() =>
        {
            done.TrySetCanceled(cancellation);
            system.Stop(waiter);
        });
        return Unwrap<T>(await done.Task);
    }

    private static T Unwrap<T>(object reply) => reply switch
    {
        T expected => expected,
        Refused refused => throw new OrchestrationException(refused.Code, refused.Message),
        _ => throw new InvalidOperationException($"An answer of type {reply.GetType().Name} came where {typeof(T).Name} was expected."),
    };

    /// <summary>Asks again every now and then, so that it still hears the answer when the orchestrator was restarted meanwhile.</summary>
    private sealed class Waiter : UntypedActor, IWithTimers
    {
        private readonly IActorRef _target;
        private readonly EntityMessage _request;
        private readonly TaskCompletionSource<object> _done;

        public Waiter(IActorRef target, EntityMessage request, TaskCompletionSource<object> done) => (_target, _request, _done) = (target, request, done);

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            _target.Tell(_request);
            Timers.StartPeriodicTimer(nameof(AskAgain), AskAgain.Instance, AskAgain.Pause);
        }

        protected override void OnReceive(object message)
        {
            if (message is AskAgain)
            {
                _target.Tell(_request);
                return;
            }

            _done.TrySetResult(message);
            Context.Stop(Self);
        }

        protected override void PostStop() => _done.TrySetException(new OrchestrationException("STOPPED", $"The actor system stopped while the orchestration {_request.Id} was waited for; resume it."));
    }

    private sealed record AskAgain : ILocalMessage
    {
        public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

        public static AskAgain Instance { get; } = new();
    }

    /// <summary>Asks again every now and then like <see cref="Waiter"/>; asking twice is watching once.</summary>
    private sealed class Watcher : UntypedActor, IWithTimers
    {
        private readonly IActorRef _target;
        private readonly OrchestrationId _id;
        private readonly ChannelWriter<StoredCommit> _rows;

        public Watcher(IActorRef target, OrchestrationId id, ChannelWriter<StoredCommit> rows) => (_target, _id, _rows) = (target, id, rows);

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Self.Tell(AskAgain.Instance);
            Timers.StartPeriodicTimer(nameof(AskAgain), AskAgain.Instance, AskAgain.Pause);
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case AskAgain:
                    _target.Tell(new EntityMessage(_id, new Watch(Self)));
                    break;
                case Stored stored:
                    _rows.TryWrite(stored.Row);
                    if (stored.Last)
                        Context.Stop(Self);
                    break;
                case Refused refused:
                    _rows.TryComplete(new OrchestrationException(refused.Code, refused.Message));
                    Context.Stop(Self);
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }

        protected override void PostStop() => _rows.TryComplete();
    }
}
