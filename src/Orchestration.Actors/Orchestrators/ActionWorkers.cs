using System.Diagnostics;
using Akka.Actor;
using Orchestration.Actors.Invocations;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Orchestrators;

/// <summary>An orchestrator's bounded pool of ActionActors: children of its own, made when needed, watched, reused.</summary>
internal sealed class ActionWorkers(OrchestratorEnvironment environment, IActorContext context)
{
    private WorkerPool<IActorRef, AttemptRef> _pool = new(environment.Settings.PoolSize);
    private int _made;

    public int Places => _pool.Places;

    public bool AnyBusy => _pool.Busy > 0;

    /// <summary>Has a worker run an attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="span">What its requests are part of; null when nobody listens.</param>
    public void Run(Effect.RunAttempt attempt, Activity? span)
    {
        var worker = _pool.Assign(attempt.Attempt, Create);
        worker.Tell(new AttemptProtocol.Run(attempt, span));
    }

    /// <summary>A worker is free again.</summary>
    public void Finish(IActorRef worker, AttemptRef attempt) => _pool.Finish(worker, attempt);

    /// <summary>A worker is gone for good; a new one takes its place when needed.</summary>
    /// <returns>The attempt it ran; null when it ran none.</returns>
    public AttemptRef? Remove(IActorRef worker) => _pool.Remove(worker, out var attempt) ? attempt : null;

    /// <summary>Stops all of them: what they ran is no longer waited for.</summary>
    public void StopAll()
    {
        foreach (var worker in context.GetChildren())
        {
            context.Unwatch(worker);
            context.Stop(worker);
        }

        _pool = new WorkerPool<IActorRef, AttemptRef>(environment.Settings.PoolSize);
    }

    private IActorRef Create() => context.Watch(context.ActorOf(ActionActor.Props(environment), $"action-{++_made}"));
}
