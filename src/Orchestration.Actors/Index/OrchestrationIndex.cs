using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Identity;
using Orchestration.Core.State;

namespace Orchestration.Actors.Index;

/// <summary>
/// Knows which orchestrations are unfinished and when those that left memory are due, and wakes them: after a restart of the process, and in time.
/// An orchestration stands here before its start is acknowledged, and leaves after its end has reached the catalog. For a storage that belongs to one process
/// at a time; <see cref="SharedIndex"/> does the same for one that several share.
/// </summary>
internal sealed class OrchestrationIndex : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 1000;

    private readonly OrchestrationSettings _settings;
    private readonly IActorRef _region;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IndexState _state = IndexState.Empty;

    // With the changes whose writes are under way: what is decided must not look at an older index.
    private IndexState _decided = IndexState.Empty;
    private int _sinceSnapshot;

    public OrchestrationIndex(OrchestrationSettings settings, IActorRef region)
    {
        (_settings, _region) = (settings, region);
        JournalPluginId = settings.JournalPlugin;
        SnapshotPluginId = settings.SnapshotPlugin;

        Recover<SnapshotOffer>(offer => _state = (IndexState)offer.Snapshot);
        Recover<IndexChange>(change => _state = _state.Apply(change));
        Recover<RecoveryCompleted>(_ =>
        {
            _decided = _state;
            WakeAll();
        });

        Command<IndexProtocol.Add>(add => Store(new IndexChange.Added(add.Id), new IndexProtocol.Added(add.Id)));
        Command<IndexProtocol.Remove>(remove => Change(remove.Id, new IndexChange.Removed(remove.Id)));
        Command<IndexProtocol.Sleep>(sleep => Change(sleep.Id, new IndexChange.Slept(sleep.Id, sleep.Until)));
        Command<IndexProtocol.Quarantine>(quarantine =>
        {
            _log.Error("Orchestration {0} is in quarantine: {1}", quarantine.Id, quarantine.Reason);
            Change(quarantine.Id, new IndexChange.Quarantined(quarantine.Id, quarantine.Reason));
        });
        Command<IndexProtocol.Disown>(_ => { });
        Command<IndexProtocol.Release>(release => Change(release.Id, new IndexChange.Released(release.Id)));
        Command<IndexProtocol.GetUnfinished>(_ => Sender.Tell(_state));
        // The answer to waking one; what keeps it from running it has told by itself.
        Command<OrchestratorReplies.Done>(_ => { });
        Command<OrchestratorReplies.Refused>(_ => { });
        Command<Due>(due =>
        {
            if (_state.Entries.TryGetValue(due.Id, out var entry) && entry.Quarantine is null)
                Wake(due.Id);
        });
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "The index's snapshot was not saved; the next start replays more rows."));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public override string PersistenceId => "orchestration-index";

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(OrchestrationSettings settings, IActorRef region) => Akka.Actor.Props.Create(() => new OrchestrationIndex(settings, region));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void Change(OrchestrationId id, IndexChange change)
    {
        if (_decided.Entries.ContainsKey(id))
            Store(change, null);
    }

    private void Store(IndexChange change, object? reply)
    {
        var sender = Sender;
        if (change is IndexChange.Added && _decided.Entries.TryGetValue(change.Id, out var entry) && entry == new IndexEntry(null, null))
        {
            // Behind the write that added it, if that is still under way.
            DeferAsync(change, _ => sender.Tell(reply));
            return;
        }

        _decided = _decided.Apply(change);
        PersistAsync(change, stored =>
        {
            _state = _state.Apply(stored);
            if (stored is IndexChange.Slept slept)
                Schedule(slept.Id, slept.Until);
            if (reply is not null)
                sender.Tell(reply);
            if (++_sinceSnapshot < SnapshotEvery)
                return;
            _sinceSnapshot = 0;
            SaveSnapshot(_state);
        });
    }

    private void WakeAll()
    {
        if (!_settings.ResumeOnStart)
            return;
        foreach (var (id, entry) in _state.Entries)
        {
            if (entry.Quarantine is not null)
                continue;
            if (entry.SleepsUntil is { } until)
                Schedule(id, until);
            else
                Wake(id);
        }
    }

    private void Schedule(OrchestrationId id, DateTimeOffset until)
    {
        if (until == DateTimeOffset.MaxValue)
            return;
        var delay = until - Context.System.Scheduler.Now;
        Timers.StartSingleTimer(id, new Due(id), delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    private void Wake(OrchestrationId id) => _region.Tell(new EntityMessage(id, new OrchestratorRequests.Wake()));

    private sealed record Due(OrchestrationId Id) : ILocalMessage;
}
