using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Actors.Index;

/// <summary>
/// The index where several processes share a storage: what is unfinished stands in the lease store, once for all of them, and each process keeps alive what it
/// has the lease of. It takes leases for its region, renews them, notices those that others have taken, and, when orchestrations of earlier processes are to go
/// on by themselves, wakes those that nobody has.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class SharedIndex : ReceiveActor, IWithTimers
#pragma warning restore CA1001
{
    // A process that is late by three beats still has its leases.
    private const int BeatsPerLease = 4;

    private readonly ILeaseStore _leases;
    private readonly bool _resumeOnStart;
    private readonly IActorRef _region;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<OrchestrationId> _held = [];
    private readonly HashSet<OrchestrationId> _disowned = [];

    // What is to be noted of an orchestration until the store has acknowledged it, and the call that is under way for it: calls for one follow each other.
    private readonly Dictionary<OrchestrationId, Change> _changes = [];
    private readonly Dictionary<OrchestrationId, Task> _underWay = [];
    private bool _failing;

    public SharedIndex(ILeaseStore leases, bool resumeOnStart, IActorRef region)
    {
        (_leases, _resumeOnStart, _region) = (leases, resumeOnStart, region);

        Receive<LeaseProtocol.Acquire>(Acquire);
        Receive<Acquired>(OnAcquired);
        Receive<IndexProtocol.Add>(Add);
        Receive<Readded>(OnReadded);
        Receive<IndexProtocol.Remove>(remove => Store(remove.Id, new Change(null, true)));
        Receive<IndexProtocol.Sleep>(sleep =>
        {
            Store(sleep.Id, new Change(new IndexEntry(sleep.Until, null), false));
            Schedule(sleep.Id, sleep.Until);
        });
        Receive<IndexProtocol.Quarantine>(quarantine =>
        {
            _log.Error("Orchestration {0} is in quarantine: {1}", quarantine.Id, quarantine.Reason);
            Store(quarantine.Id, new Change(new IndexEntry(null, quarantine.Reason), false));
        });
        // Whoever acquires it again has it out of quarantine.
        Receive<IndexProtocol.Release>(_ => { });
        Receive<IndexProtocol.Disown>(disown =>
        {
            _disowned.Add(disown.Id);
            Store(disown.Id, new Change(null, false));
        });
        Receive<IndexProtocol.GetUnfinished>(_ => _leases.ListAsync(_stopping.Token).PipeTo(Sender, success: Unfinished));
        // The answer to waking one; what keeps it from running it has told by itself.
        Receive<OrchestratorReplies.Done>(_ => { });
        Receive<OrchestratorReplies.Refused>(_ => { });
        Receive<Due>(due => Wake(due.Id));
        Receive<Stored>(OnStored);
        Receive<Beat>(_ =>
        {
            foreach (var id in _changes.Keys)
                StoreChange(id);
            BeatAsync([.. _held]).PipeTo(Self, failure: e => new BeatFailed(e));
        });
        Receive<Beaten>(OnBeaten);
        Receive<BeatFailed>(OnBeatFailed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Interval => _leases.Duration / BeatsPerLease;

    public static Props Props(ILeaseStore leases, bool resumeOnStart, IActorRef region) => Akka.Actor.Props.Create(() => new SharedIndex(leases, resumeOnStart, region));

    protected override void PreStart() => Self.Tell(Beat.Instance);

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private static IndexState Unfinished(IReadOnlyList<Lease> leases) => new(IndexState.Empty.Entries.AddRange(leases.Select(l => KeyValuePair.Create(l.Id, l.Entry))));

    private static Refusal Owned(Lease lease) => new(
        "OWNED", $"The orchestration {lease.Id} is {lease}, and later while that process renews its lease. Wait for it, stop it, or take the orchestration over.");

    private static Refusal Unreadable(OrchestrationId id, Exception cause) => new("STORAGE", $"Whether another process has the orchestration {id} cannot be read: {cause.GetBaseException().Message}");

    private static Refusal Taken(OrchestrationId id, Lease? lease) => new(
        "OWNER_LOST", $"The orchestration {id} was taken over by another process{(lease?.Holder is null ? "" : $"; it is {lease}")}. This process has stopped running it and stores nothing more of it.");

    private void Acquire(LeaseProtocol.Acquire acquire)
    {
        // What was to be noted of it does not hold any more.
        _changes.Remove(acquire.Id);
        AcquireAsync(acquire.Id, acquire.TakeOver, _underWay.GetValueOrDefault(acquire.Id)).PipeTo(
            Self, success: lease => new Acquired(acquire, lease, null), failure: e => new Acquired(acquire, null, Unreadable(acquire.Id, e)));
    }

    private void OnAcquired(Acquired acquired)
    {
        var (request, lease, failure) = acquired;
        Note(request.Id, lease);
        _region.Tell(new LeaseProtocol.Acquired(request.Id, request.Number, failure ?? (lease!.IsOurs ? null : Owned(lease))));
    }

    /// <summary>An orchestrator begins, or goes on after its end: its region has taken the lease, unless that was given up with the end.</summary>
    private void Add(IndexProtocol.Add add)
    {
        if (_held.Contains(add.Id))
        {
            Sender.Tell(new IndexProtocol.Added(add.Id));
            return;
        }

        var orchestrator = Sender;
        _changes.Remove(add.Id);
        AcquireAsync(add.Id, false, _underWay.GetValueOrDefault(add.Id)).PipeTo(
            Self, success: lease => new Readded(add.Id, orchestrator, lease, null), failure: e => new Readded(add.Id, orchestrator, null, Unreadable(add.Id, e)));
    }

    private void OnReadded(Readded added)
    {
        Note(added.Id, added.Lease);
        if (added.Lease is { IsOurs: true })
            added.Orchestrator.Tell(new IndexProtocol.Added(added.Id));
        else
            _region.Tell(new LeaseProtocol.Lost(added.Id, added.Failure ?? Owned(added.Lease!)));
    }

    private void Note(OrchestrationId id, Lease? lease)
    {
        if (lease is null)
            return;
        if (!lease.IsOurs)
        {
            _held.Remove(id);
            return;
        }

        _held.Add(id);
        _disowned.Remove(id);
    }

    private async Task<Lease> AcquireAsync(OrchestrationId id, bool takeOver, Task? before)
    {
        if (before is not null)
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _leases.AcquireAsync(id, takeOver, _stopping.Token);
    }

    private void Store(OrchestrationId id, Change change)
    {
        if (change.Leaves)
            _held.Remove(id);
        _changes[id] = change;
        StoreChange(id);
    }

    private void StoreChange(OrchestrationId id)
    {
        if (_underWay.ContainsKey(id))
            return;
        var change = _changes[id];
        _underWay[id] = StoreAsync(id, change);
        _underWay[id].PipeTo(Self, success: () => new Stored(id, change, true), failure: _ => new Stored(id, change, false));
    }

    private Task StoreAsync(OrchestrationId id, Change change) => change switch
    {
        { HasEnded: true } => _leases.RemoveAsync(id, _stopping.Token),
        { Entry: { } entry } => _leases.NoteAsync(id, entry, _stopping.Token),
        _ => _leases.ReleaseAsync(id, _stopping.Token),
    };

    // What failed is tried again with the next beat.
    private void OnStored(Stored stored)
    {
        _underWay.Remove(stored.Id);
        if (!_changes.TryGetValue(stored.Id, out var latest))
            return;
        if (latest != stored.Change)
            StoreChange(stored.Id);
        else if (stored.Success)
            _changes.Remove(stored.Id);
    }

    /// <summary>Renews, and looks for what is lost and for what nobody has.</summary>
    private async Task<Beaten> BeatAsync(OrchestrationId[] held)
    {
        var renewed = await _leases.RenewAsync(_stopping.Token);
        var lost = new List<(OrchestrationId, Lease?)>();
        foreach (var id in held.Where(id => !renewed.Contains(id)))
            lost.Add((id, await _leases.FindAsync(id, _stopping.Token)));
        // Its own ones are among them when this actor was made again and has forgotten them.
        var free = _resumeOnStart
            ? (await _leases.ListAsync(_stopping.Token)).Where(l => (l.IsOurs || !l.IsLive) && l.Entry.Quarantine is null).Select(l => l.Id).ToList()
            : [];
        return new Beaten(lost, free);
    }

    private void OnBeaten(Beaten beaten)
    {
        _failing = false;
        foreach (var (id, lease) in beaten.Lost)
            if (lease is not { IsOurs: true } && _held.Remove(id))
                _region.Tell(new LeaseProtocol.Lost(id, Taken(id, lease)));
        foreach (var id in beaten.Free)
            if (!_held.Contains(id) && !_disowned.Contains(id) && !_changes.ContainsKey(id))
                Wake(id);
        Timers.StartSingleTimer(Beat.Instance, Beat.Instance, Interval);
    }

    private void OnBeatFailed(BeatFailed failed)
    {
        if (_stopping.IsCancellationRequested)
            return;
        // While the storage is away nobody can take a lease either.
        if (!_failing)
            _log.Warning("The leases of this process could not be renewed ({0}); trying again.", failed.Cause.GetBaseException().Message);
        _failing = true;
        Timers.StartSingleTimer(Beat.Instance, Beat.Instance, Interval);
    }

    private void Schedule(OrchestrationId id, DateTimeOffset until)
    {
        if (until == DateTimeOffset.MaxValue)
            return;
        var delay = until - Context.System.Scheduler.Now;
        Timers.StartSingleTimer(id, new Due(id), delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    private void Wake(OrchestrationId id) => _region.Tell(new EntityMessage(id, new OrchestratorRequests.Wake()));

    /// <summary>What is to be stored of an orchestration that this process has.</summary>
    /// <param name="Entry">What holds for it; null when it is given up.</param>
    /// <param name="HasEnded">Whether it has ended.</param>
    private sealed record Change(IndexEntry? Entry, bool HasEnded)
    {
        /// <summary>Whether this process does not have it afterwards.</summary>
        public bool Leaves => HasEnded || Entry is null or { Quarantine: not null };
    }

    private sealed record Acquired(LeaseProtocol.Acquire Request, Lease? Lease, Refusal? Failure) : ILocalMessage;

    private sealed record Readded(OrchestrationId Id, IActorRef Orchestrator, Lease? Lease, Refusal? Failure) : ILocalMessage;

    private sealed record Due(OrchestrationId Id) : ILocalMessage;

    private sealed record Stored(OrchestrationId Id, Change Change, bool Success) : ILocalMessage;

    private sealed record Beaten(IReadOnlyList<(OrchestrationId Id, Lease? Lease)> Lost, IReadOnlyList<OrchestrationId> Free) : ILocalMessage;

    private sealed record BeatFailed(Exception Cause) : ILocalMessage;

    private sealed record Beat : ILocalMessage
    {
        public static Beat Instance { get; } = new();
    }
}
