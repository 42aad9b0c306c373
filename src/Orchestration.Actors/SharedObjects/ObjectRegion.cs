using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Objects;

namespace Orchestration.Actors.SharedObjects;

/// <summary>
/// Keeps this node's mailboxes of shared objects: makes them when a message comes for them, lets them leave when they are idle, and brings back those
/// that stopped unexpectedly, after a growing pause.
/// </summary>
internal sealed class ObjectRegion : UntypedActor, IWithTimers
{
    private const int MaxHeld = 100_000;

    private readonly ObjectEnvironment _environment;
    private readonly Dictionary<ObjectKey, Entity> _entities = [];
    private readonly Dictionary<IActorRef, ObjectKey> _keys = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public ObjectRegion(ObjectEnvironment environment) => _environment = environment;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ObjectEnvironment environment) => Akka.Actor.Props.Create(() => new ObjectRegion(environment));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
    {
        _log.Error(e, "The mailbox of a shared object failed unexpectedly; it is made again from its journal.");
        return e is OutOfMemoryException ? Directive.Escalate : Directive.Stop;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ObjectMessage envelope:
                Deliver(envelope, Sender);
                break;
            case ObjectRegionProtocol.MayLeave leave when _entities.TryGetValue(leave.Object, out var entity) && entity.Actor is { } actor:
                entity.Leaving = true;
                actor.Tell(ObjectRegionProtocol.Leave.Instance);
                break;
            case ObjectRegionProtocol.Stay stay when _entities.TryGetValue(stay.Object, out var entity):
                entity.Leaving = false;
                entity.Stops = 0;
                SendHeld(entity);
                break;
            case Restart restart when _entities.TryGetValue(restart.Object, out var entity) && entity.Actor is null:
                Create(restart.Object, entity);
                break;
            case Terminated { ActorRef: var stopped } when _keys.Remove(stopped, out var key):
                OnStopped(key, _entities[key]);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Deliver(ObjectMessage envelope, IActorRef sender)
    {
        if (!_entities.TryGetValue(envelope.Object, out var entity))
        {
            _entities.Add(envelope.Object, entity = new Entity());
            Create(envelope.Object, entity);
        }

        // Whoever gets no answer asks again, and what was not given back is asked about: a message that is not held is late, not lost.
        if (entity is { Actor: { } actor, Leaving: false })
            actor.Tell(envelope.Message, sender);
        else if (entity.Held.Count < MaxHeld)
            entity.Held.Enqueue((envelope.Message, sender));
    }

    private void OnStopped(ObjectKey key, Entity entity)
    {
        entity.Actor = null;
        if (!entity.Leaving)
        {
            var recovery = _environment.Settings.Recovery;
            var pause = Math.Min(recovery.MaxBackoff.TotalSeconds, recovery.MinBackoff.TotalSeconds * Math.Pow(2, entity.Stops++));
            Timers.StartSingleTimer(key, new Restart(key), TimeSpan.FromSeconds(pause));
            return;
        }

        entity.Leaving = false;
        if (entity.Held.Count == 0)
            _entities.Remove(key);
        else
            Create(key, entity);
    }

    private void Create(ObjectKey key, Entity entity)
    {
        var actor = Context.Watch(Context.ActorOf(ObjectActor.Props(key, _environment)));
        entity.Actor = actor;
        _keys[actor] = key;
        SendHeld(entity);
    }

    private static void SendHeld(Entity entity)
    {
        while (entity.Held.TryDequeue(out var held))
            entity.Actor!.Tell(held.Message, held.Sender);
    }

    private sealed class Entity
    {
        public IActorRef? Actor { get; set; }

        public bool Leaving { get; set; }

        public int Stops { get; set; }

        public Queue<(object Message, IActorRef Sender)> Held { get; } = new();
    }

    private sealed record Restart(ObjectKey Object) : ILocalMessage;
}
