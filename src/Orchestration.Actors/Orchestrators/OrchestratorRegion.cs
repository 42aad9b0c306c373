using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Index;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// Keeps this node's orchestrators: makes them when a message comes for them, lets them leave when they are idle, and brings back those that stopped
/// unexpectedly, after a growing pause. One that fails to recover too often in a row is put into quarantine instead.
/// </summary>
internal sealed class OrchestratorRegion : UntypedActor, IWithTimers
{
    private const int MaxHeld = 1000;
    private static readonly TimeSpan IndexPause = TimeSpan.FromSeconds(1);

    private readonly OrchestratorEnvironment _environment;
    private readonly Dictionary<OrchestrationId, Entity> _entities = [];
    private readonly Dictionary<IActorRef, OrchestrationId> _ids = [];
    private readonly Sleepers _sleepers = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _index;
    private long _asked;

    public OrchestratorRegion(OrchestratorEnvironment environment)
    {
        _environment = environment;
        _index = Context.ActorOf(environment.Leases is { } leases ? SharedIndex.Props(leases, environment.Settings.ResumeOnStart, Self) : OrchestrationIndex.Props(environment.Settings, Self), "index");
        Context.Watch(_index);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(OrchestratorEnvironment environment) => Akka.Actor.Props.Create(() => new OrchestratorRegion(environment));

    // A persistent actor that failed cannot be trusted with its memory: it stops, and is made again from its journal.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
    {
        _log.Error(e, "An orchestrator failed unexpectedly; it is made again from its journal.");
        return e is OutOfMemoryException ? Directive.Escalate : Directive.Stop;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EntityMessage envelope:
                Deliver(envelope.Id, envelope.Message, Sender);
                break;
            case IndexProtocol.GetUnfinished:
                _index.Forward(message);
                break;
            case RegionProtocol.Recovered recovered when _entities.TryGetValue(recovered.Id, out var entity):
                entity.Failures = 0;
                entity.Ready = true;
                SendHeld(entity);
                entity.Actor!.Tell(RegionProtocol.Begin.Instance);
                break;
            case RegionProtocol.RecoveryFailed failed when _entities.TryGetValue(failed.Id, out var entity):
                OnRecoveryFailed(failed, entity);
                break;
            case RegionProtocol.MayLeave leave when _entities.TryGetValue(leave.Id, out var entity) && entity.Actor is { } actor:
                entity.Leaving = true;
                actor.Tell(RegionProtocol.Leave.Instance);
                break;
            case RegionProtocol.Stay stay when _entities.TryGetValue(stay.Id, out var entity):
                entity.Leaving = false;
                SendHeld(entity);
                break;
            case RegionProtocol.Asleep asleep:
                _sleepers.Add(asleep.Id);
                break;
            case Restart restart when _entities.TryGetValue(restart.Id, out var entity) && entity.Actor is null:
                Bring(restart.Id, entity);
                break;
            case LeaseProtocol.Acquired acquired when _entities.TryGetValue(acquired.Id, out var entity) && entity.Asked == acquired.Number:
                OnAcquired(acquired, entity);
                break;
            case LeaseProtocol.Lost lost when _entities.TryGetValue(lost.Id, out var entity):
                entity.Lost = lost.Refusal;
                if (entity.Actor is { } loser)
                    loser.Tell(new RegionProtocol.Lost(lost.Refusal));
                else
                    Give(lost.Id, entity, lost.Refusal);
                break;
            case LeaseProtocol.Lost lost when _sleepers.Wake(lost.Id) is { } waiting:
                foreach (var (_, waiter) in waiting)
                    waiter.Tell(new OrchestratorReplies.Refused(lost.Refusal.Code, lost.Refusal.Message));
                break;
            case Terminated { ActorRef: var stopped } when stopped.Equals(_index):
                Timers.StartSingleTimer(IndexGone.Instance, IndexGone.Instance, IndexPause);
                break;
            case IndexGone:
                throw new ActorKilledException("The index of unfinished orchestrations stopped, because it could not be read or written; its region starts again.");
            case Terminated { ActorRef: var stopped } when _ids.Remove(stopped, out var id):
                if (stopped.Equals(_entities[id].Actor))
                    OnStopped(id, _entities[id]);
                break;
            case Terminated terminated:
                _sleepers.Forget(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Deliver(OrchestrationId id, object message, IActorRef sender)
    {
        if (!_entities.TryGetValue(id, out var entity))
        {
            if (message is OrchestratorRequests.WaitForEnd && _sleepers.Wait(id, message, sender))
            {
                Context.Watch(sender);
                return;
            }

            _entities.Add(id, entity = new Entity());
            Bring(id, entity, message is OrchestratorRequests.Wake { TakeOver: true });
        }
        else if (message is OrchestratorRequests.Wake { TakeOver: true } && entity is { Actor: null, Quarantine: null })
        {
            Bring(id, entity, takeOver: true);
        }

        if (entity.Quarantine is not null && message is OrchestratorRequests.Wake)
        {
            // A person asks for it again: it gets as many tries as it had.
            entity.Quarantine = null;
            entity.Failures = 0;
            _index.Tell(new IndexProtocol.Release(id));
            Bring(id, entity);
        }

        if (entity.Quarantine is { } reason)
            sender.Tell(InQuarantine(id, reason));
        else if (entity is { Actor: { } actor, Ready: true, Leaving: false })
            actor.Tell(message, sender);
        else if (entity.Held.Count < MaxHeld)
            entity.Held.Enqueue((message, sender));
        else
            sender.Tell(new OrchestratorReplies.Refused("BUSY", $"The orchestration {id} is being brought back and {MaxHeld} messages wait for it; try again later."));
    }

    private OrchestratorReplies.Refused InQuarantine(OrchestrationId id, string reason) =>
        new("QUARANTINED", $"The orchestration {id} failed to recover {_environment.Settings.Recovery.MaxFailures} times in a row and is in quarantine: {reason} Resume it when the cause is mended.");

    private void OnRecoveryFailed(RegionProtocol.RecoveryFailed failed, Entity entity)
    {
        entity.Failures++;
        if (entity.Failures < _environment.Settings.Recovery.MaxFailures)
            return;
        entity.Quarantine = failed.Reason;
        _index.Tell(new IndexProtocol.Quarantine(failed.Id, failed.Reason));
        while (entity.Held.TryDequeue(out var held))
            held.Sender.Tell(InQuarantine(failed.Id, failed.Reason));
    }

    private void OnStopped(OrchestrationId id, Entity entity)
    {
        entity.Actor = null;
        entity.Ready = false;
        if (entity.Quarantine is not null)
            return;
        if (entity.Lost is { } refusal)
        {
            Give(id, entity, refusal);
            return;
        }

        if (!entity.Leaving)
        {
            RestartLater(id, entity);
            return;
        }

        entity.Leaving = false;
        if (entity.Held.Count == 0)
        {
            _entities.Remove(id);
            return;
        }

        Bring(id, entity);
    }

    /// <summary>Makes the orchestrator, where several processes share the storage once this one has the lease. What comes meanwhile is held.</summary>
    private void Bring(OrchestrationId id, Entity entity, bool takeOver = false)
    {
        if (_environment.Leases is null)
        {
            Create(id, entity);
            return;
        }

        entity.Asked = ++_asked;
        _index.Tell(new LeaseProtocol.Acquire(id, takeOver, entity.Asked));
    }

    private void OnAcquired(LeaseProtocol.Acquired acquired, Entity entity)
    {
        if (acquired.Refusal is not { } refusal)
        {
            Create(acquired.Id, entity);
            return;
        }

        Give(acquired.Id, entity, refusal);
        if (refusal.Code != "STORAGE" || entity.Stops == 0)
            return;
        // It ran here, and whether it still is this process's is not known: that is asked again.
        _entities.Add(acquired.Id, entity);
        RestartLater(acquired.Id, entity);
    }

    private void RestartLater(OrchestrationId id, Entity entity)
    {
        var recovery = _environment.Settings.Recovery;
        var pause = Math.Min(recovery.MaxBackoff.TotalSeconds, recovery.MinBackoff.TotalSeconds * Math.Pow(2, entity.Stops++));
        Timers.StartSingleTimer(id, new Restart(id), TimeSpan.FromSeconds(pause * (1 + Random.Shared.NextDouble() / 5)));
    }

    /// <summary>Another process has it: nothing of it stays here, so that the next message asks anew.</summary>
    private void Give(OrchestrationId id, Entity entity, Refusal refusal)
    {
        _entities.Remove(id);
        while (entity.Held.TryDequeue(out var held))
            held.Sender.Tell(new OrchestratorReplies.Refused(refusal.Code, refusal.Message));
    }

    private void Create(OrchestrationId id, Entity entity)
    {
        var actor = Context.Watch(Context.ActorOf(OrchestratorActor.Props(id, _environment, _index)));
        entity.Actor = actor;
        _ids[actor] = id;
        foreach (var waiting in _sleepers.Wake(id) ?? [])
            entity.Held.Enqueue(waiting);
    }

    private static void SendHeld(Entity entity)
    {
        while (entity.Held.TryDequeue(out var held))
            entity.Actor!.Tell(held.Message, held.Sender);
    }

    private sealed class Entity
    {
        public IActorRef? Actor { get; set; }

        /// <summary>Whether it has recovered; until then messages are held, so that a failing recovery loses none.</summary>
        public bool Ready { get; set; }

        public bool Leaving { get; set; }

        /// <summary>The number of the latest request for its lease; 0 before the first.</summary>
        public long Asked { get; set; }

        /// <summary>Set once another process has taken it.</summary>
        public Refusal? Lost { get; set; }

        public int Failures { get; set; }

        public int Stops { get; set; }

        public string? Quarantine { get; set; }

        public Queue<(object Message, IActorRef Sender)> Held { get; } = new();
    }

    private sealed record IndexGone : ILocalMessage
    {
        public static IndexGone Instance { get; } = new();
    }

    private sealed record Restart(OrchestrationId Id) : ILocalMessage;
}
