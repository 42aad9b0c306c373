using Akka.Actor;

namespace Orchestration.Actors.Invocations;

/// <summary>
/// What an orchestrator does about an ActionActor that threw. Expected failures never get here: they are values with a recorded next step.
/// One actor's failure never touches its siblings.
/// </summary>
internal static class ActionSupervision
{
    public static SupervisorStrategy Strategy { get; } = new OneForOneStrategy(Decide);

    /// <summary>
    /// The table: what says that the process itself is broken escalates; after everything else the actor is stopped and the pool makes a new one, because an
    /// invocation that failed in an unknown way may have left things behind. How often is bounded per action by the crash rule, not here.
    /// </summary>
    public static Directive Decide(Exception thrown) => (thrown is InvocationException e ? e.InnerException! : thrown) switch
    {
        OutOfMemoryException or InsufficientExecutionStackException => Directive.Escalate,
        _ => Directive.Stop,
    };
}
