using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Serialization;
using Orchestration.Core.Identity;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Recovery;

/// <summary>
/// Keeps the ledger of re-runs of this system, durably: of all orchestrations that need a producer to run again, one runs it. The turn of an orchestration that stopped is kept
/// for a while, as it is brought back from its journal and may have an activation that goes on; then the next one takes over.
/// </summary>
internal sealed class RerunActor : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 1000;
    private static readonly TimeSpan Laziness = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan _patience;
    private readonly Dictionary<OrchestrationId, IActorRef> _there = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<RerunTurn> _unstored = [];
    private RerunLedger _ledger = RerunLedger.Empty;
    private int _sinceSnapshot;

    public RerunActor(OrchestrationSettings settings)
    {
        _patience = settings.Lineage.TakeOverAfter;
        JournalPluginId = settings.JournalPlugin;
        SnapshotPluginId = settings.SnapshotPlugin;

        Recover<SnapshotOffer>(offer => _ledger = _ledger.Apply(((RerunTurns)offer.Snapshot).Change));
        Recover<RerunChange>(change => _ledger = _ledger.Apply(change));
        Recover<RecoveryCompleted>(_ =>
        {
            foreach (var holder in _ledger.Holders.Values.Distinct())
                AwaitReturn(holder);
        });

        Command<RerunProtocol.Claim>(claim =>
        {
            Welcome(claim.By, Sender);
            if (claim.IsAll)
                Take(_ledger.Leave(claim.By, [.. _ledger.Holders.Where(h => h.Value == claim.By).Select(h => h.Key).Except(claim.Producers).Except(claim.Asked)], made: false));
            Take(_ledger.Claim(claim.By, claim.Producers));
        });
        Command<RerunProtocol.ClaimAhead>(claim =>
        {
            Welcome(claim.By, Sender);
            Take(_ledger.ClaimAhead(claim.By, claim.Claims));
        });
        Command<StoreRest>(_ => Store([]));
        Command<RerunProtocol.Leave>(leave => Take(_ledger.Leave(leave.By, leave.Producers, leave.Made)));
        Command<Terminated>(terminated =>
        {
            foreach (var (id, _) in _there.Where(t => t.Value.Equals(terminated.ActorRef)).ToList())
            {
                _there.Remove(id);
                _ledger = _ledger.StopWaiting(id);
                if (_ledger.Holders.ContainsValue(id))
                    AwaitReturn(id);
            }
        });
        Command<Gone>(gone =>
        {
            if (_there.ContainsKey(gone.Id))
                return;
            _log.Warning("Orchestration {0} did not come back within {1} to run producers of lost objects again; the next one that waits takes over.", gone.Id, _patience);
            Take(_ledger.Forget(gone.Id));
        });
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "The snapshot of the re-runs' ledger was not saved; its next start replays more rows."));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    // Not of the form of an orchestration's: a list of runs must not meet it.
    public override string PersistenceId => "reruns-of-lost-objects";

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The ledger, made again when its storage fails; orchestrators claim again by themselves.</summary>
    public static Props Props(OrchestrationSettings settings) => BackoffSupervisor.Props(Backoff.OnStop(
        Akka.Actor.Props.Create(() => new RerunActor(settings)), "ledger", settings.Recovery.MinBackoff, settings.Recovery.MaxBackoff, 0.2, maxNrOfRetries: -1));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void Welcome(OrchestrationId id, IActorRef orchestrator)
    {
        if (_there.TryGetValue(id, out var known) && known.Equals(orchestrator))
            return;
        _there[id] = Context.Watch(orchestrator);
        Timers.Cancel(id);
    }

    private void AwaitReturn(OrchestrationId id) => Timers.StartSingleTimer(id, new Gone(id), _patience);

    /// <summary>Goes on with the ledger, stores what changed of it, and tells nobody before that is stored, nor before what was decided earlier.</summary>
    private void Take(RerunStep step)
    {
        _ledger = step.Ledger;
        _unstored.AddRange(step.Change?.Turns ?? []);
        if (!step.News.IsEmpty)
            Store(step.News);
        else if (_unstored.Count > 0 && !Timers.IsTimerActive(nameof(StoreRest)))
            // That a turn is over and nobody waits for it is told nobody: such turns are stored together, or with the next one that somebody gets.
            Timers.StartSingleTimer(nameof(StoreRest), new StoreRest(), Laziness);
    }

    private void Store(ImmutableArray<RerunNews> news)
    {
        Timers.Cancel(nameof(StoreRest));
        if (_unstored.Count == 0)
        {
            DeferAsync(news, Tell);
            return;
        }

        var change = new RerunChange([.. _unstored]);
        _unstored.Clear();
        PersistAsync(change, _ => Stored(news));
    }

    private void Stored(ImmutableArray<RerunNews> all)
    {
        Tell(all);
        if (++_sinceSnapshot < SnapshotEvery)
            return;
        _sinceSnapshot = 0;
        SaveSnapshot(new RerunTurns(new RerunChange([.. _ledger.Holders.Select(h => new RerunTurn(h.Key, h.Value))])));
    }

    private void Tell(ImmutableArray<RerunNews> all)
    {
        foreach (var news in all.GroupBy(n => n.To))
            if (_there.TryGetValue(news.Key, out var orchestrator))
                orchestrator.Tell(new RerunProtocol.News([.. news]));
    }

    private sealed record StoreRest : ILocalMessage;

    private sealed record Gone(OrchestrationId Id) : ILocalMessage;
}
