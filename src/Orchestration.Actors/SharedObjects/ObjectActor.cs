using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Actors.SharedObjects;

/// <summary>
/// The mailbox of one shared object: its writers stand in line, one at a time gets the grant. Commands gather while a row is being written and are stored
/// together. A grant ends when its holder says so, when an activation that nobody awaits is seen to have ended, or when it cannot run any more:
/// see <see cref="ObjectActor.OnHolds"/>. Every other way, such as a crash of the holder, leaves it in force.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed partial class ObjectActor : ReceivePersistentActor, IWithTimers
#pragma warning restore CA1001
{
    private const string IdleTimer = "idle";
    private const int MaxGathered = 1000;
    private const int MinSnapshotFacts = 1000;

    private readonly ObjectKey _key;
    private readonly ObjectEnvironment _environment;
    private readonly WriteQueue _queue;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<WriteCommand> _gathered = new();
    private readonly List<IActorRef> _asking = [];
    private readonly Dictionary<IActorRef, OrchestrationId> _watched = [];
    private WriteQueueState _state = WriteQueueState.Empty;
    private bool _writing;
    private int _sinceSnapshot;

    public ObjectActor(ObjectKey key, ObjectEnvironment environment)
    {
        (_key, _environment) = (key, environment);
        _queue = new WriteQueue(environment.Settings.SharedObjects.CheckAfter, environment.Settings.SharedObjects.MaxWaiting);
        JournalPluginId = environment.Settings.JournalPlugin;
        SnapshotPluginId = environment.Settings.SnapshotPlugin;
        PersistenceId = MailboxNames.Of(environment.Store, key);

        Recover<SnapshotOffer>(offer => _state = (WriteQueueState)offer.Snapshot);
        Recover<WriteCommit>(commit =>
        {
            _state = WriteFold.Apply(_state, commit);
            _sinceSnapshot += commit.Facts.Length;
        });
        Recover<RecoveryCompleted>(_ =>
        {
            // What its holder said meanwhile is lost.
            if (_state.Lease is not null)
                Inspect();
            AfterWrite();
        });

        Command<WriteProtocol.Acquire>(acquire =>
        {
            var ticket = acquire.Request.Ticket;
            if (_watched.TryAdd(Sender, ticket.Orchestration))
            {
                Context.Watch(Sender);
                // It was made again, and what the one before would have said of an earlier attempt is lost.
                if (_state.Lease is { } lease && lease.Request.Ticket.Orchestration == ticket.Orchestration && lease.Request.Ticket != ticket)
                    Inspect();
            }

            Gather(new WriteCommand.Acquire(Now, acquire.Request, _key, environment.Store));
        });
        Command<WriteProtocol.GetWriters>(_ =>
        {
            // What it was told before counts, though it is not stored yet.
            _asking.Add(Sender);
            if (!_writing)
                AfterWrite();
        });
        Command<ObjectRegionProtocol.Leave>(_ => Leave());
        Command<Idle>(_ =>
        {
            if (IsIdle)
                Context.Parent.Tell(new ObjectRegionProtocol.MayLeave(_key));
        });
        Command<Terminated>(terminated =>
        {
            // It comes back, and answers then; until it does nothing is known of its attempt.
            if (_watched.Remove(terminated.ActorRef, out var orchestration) && _state.Lease?.Request.Ticket.Orchestration == orchestration)
                Inspect();
        });
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "The snapshot of the writers of {0} was not saved; its next recovery replays more rows.", _key));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
        TakeLeases();
    }

    public override string PersistenceId { get; }

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    private bool IsIdle => !_writing && _gathered.Count == 0 && _state.IsIdle;

    public static Props Props(ObjectKey key, ObjectEnvironment environment) => Akka.Actor.Props.Create(() => new ObjectActor(key, environment));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void Gather(WriteCommand command)
    {
        _gathered.Enqueue(command);
        Flush();
    }

    /// <summary>Decides what has gathered, on the evolving state, and stores it as one row; only then does anybody learn of it.</summary>
    private void Flush()
    {
        if (_writing)
            return;
        var (state, facts, told) = (_state, ImmutableArray.CreateBuilder<WriteFact>(), new HashSet<WriteTicket>());
        for (var i = 0; i < MaxGathered && _gathered.TryDequeue(out var command); i++)
        {
            if (command is WriteCommand.Acquire acquire)
                told.Add(acquire.Request.Ticket);
            foreach (var fact in _queue.Decide(state, command))
            {
                if (fact is WriteFact.Granted granted)
                    told.Add(granted.Ticket);
                facts.Add(fact);
                state = WriteFold.Apply(state, fact);
            }
        }

        if (facts.Count == 0)
        {
            TellAll(told);
            AfterWrite();
            return;
        }

        _writing = true;
        PersistAsync(new WriteCommit(facts.ToImmutable()), commit =>
        {
            _writing = false;
            var before = _state.Lease;
            _state = state;
            TellAll(told);
            if (_state.Lease != before)
                Rearm();
            Checkpoint(commit.Facts.Length);
            if (_gathered.Count > 0)
                Flush();
            else
                AfterWrite();
        });
    }

    // A request that found the line full is not answered: who asked asks again.
    private void TellAll(IEnumerable<WriteTicket> tickets)
    {
        foreach (var ticket in tickets)
        {
            if (_state.Lease is { } lease && lease.Request.Ticket == ticket)
                Tell(ticket, new WriteProtocol.Granted(new FencingNumber(_key, lease.Number), ticket.Attempt));
            else if (_state.Places.ContainsKey(ticket))
                Tell(ticket, new WriteProtocol.InLine(_key, ticket.Attempt));
        }
    }

    private void Tell(WriteTicket ticket, object message) => _environment.Orchestrators.Tell(new EntityMessage(ticket.Orchestration, message));

    private void AfterWrite()
    {
        foreach (var asking in _asking)
            asking.Tell(new WriteProtocol.Writers(_state.History, _state.Forgotten, _state.LastWriter, _state.Lease?.Request.Action));
        _asking.Clear();
        if (IsIdle)
            Timers.StartSingleTimer(IdleTimer, new Idle(), _environment.Settings.IdleTimeout);
        else
            Timers.Cancel(IdleTimer);
    }

    // As much as has been stored since as the state holds: what snapshots cost stays in proportion, and recovery short.
    private void Checkpoint(int facts)
    {
        _sinceSnapshot += facts;
        if (_sinceSnapshot < Math.Max(MinSnapshotFacts, _state.Waiting.Count + _state.History.Count))
            return;
        _sinceSnapshot = 0;
        SaveSnapshot(_state);
    }

    private void Leave()
    {
        if (IsIdle)
            Context.Stop(Self);
        else
            Context.Parent.Tell(new ObjectRegionProtocol.Stay(_key));
    }

    private sealed record Idle : ILocalMessage;
}
