using Akka.Actor;

namespace Orchestration.Actors.Invocations;

/// <summary>
/// What an orchestrator does about an ActionActor that threw. Expected failures never get here: they are values with a recorded next step.
/// One actor's failure never touches its siblings.
/// </summary>
internal static class ActionSupervision
{
    /// <summary>Restarts of one actor within <see cref="Window"/> before it is replaced.</summary>
    public const int MaxRestarts = 5;

    /// <summary>The window in which restarts are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static SupervisorStrategy Strategy { get; } = new OneForOneStrategy(MaxRestarts, Window, Decide);

    /// <summary>The table: out of memory escalates, what cannot get better by trying again replaces the actor, everything else restarts it.</summary>
    public static Directive Decide(Exception thrown) => (thrown is InvocationException e ? e.InnerException! : thrown) switch
    {
        OutOfMemoryException or InsufficientExecutionStackException => Directive.Escalate,
        ActorInitializationException or ArgumentException or NotSupportedException or ObjectDisposedException => Directive.Stop,
        _ => Directive.Restart,
    };
}
