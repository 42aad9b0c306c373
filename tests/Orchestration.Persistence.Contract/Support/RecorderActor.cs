using Akka.Actor;
using Akka.Persistence;

namespace Orchestration.Persistence.Contract;

/// <summary>A persistent actor that stores what it is told and tells a watcher what became of it.</summary>
public sealed class RecorderActor : UntypedPersistentActor
{
    private readonly IActorRef _watcher;
    private readonly List<string> _texts = [];

    public RecorderActor(string persistenceId, IActorRef watcher)
    {
        PersistenceId = persistenceId;
        _watcher = watcher;
    }

    public override string PersistenceId { get; }

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case Bound b:
                _texts.Add(b.Text);
                break;
            case SnapshotOffer { Snapshot: Bound s }:
                _texts.Clear();
                _texts.AddRange(s.Text.Split('\n'));
                break;
            case RecoveryCompleted:
                _watcher.Tell(new Recovered([.. _texts], LastSequenceNr));
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Store s:
                PersistAll(s.Texts.Select(t => new Bound(t)).ToArray(), e => _texts.Add(e.Text), () => _watcher.Tell(new Stored(s.Texts, LastSequenceNr)));
                break;
            case StoreRefused:
                Persist(new Unserializable("x"), _ => _watcher.Tell("handled"));
                break;
            case TakeSnapshot:
                SaveSnapshot(new Bound(string.Join('\n', _texts)));
                break;
            case SaveSnapshotSuccess s:
                _watcher.Tell(s);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _watcher.Tell(new PersistFailed(cause, sequenceNr));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => _watcher.Tell(new PersistRejected(cause, sequenceNr));

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => _watcher.Tell(new RecoveryFailed(reason));

    public sealed record Store(params string[] Texts);

    public sealed record StoreRefused;

    public sealed record TakeSnapshot;

    public sealed record Recovered(string[] Texts, long SequenceNr);

    public sealed record Stored(string[] Texts, long SequenceNr);

    public sealed record PersistFailed(Exception Cause, long SequenceNr);

    public sealed record PersistRejected(Exception Cause, long SequenceNr);

    public sealed record RecoveryFailed(Exception Cause);
}
