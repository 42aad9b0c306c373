using Orchestration.Actors.Protocol;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Awaiting;

/// <summary>What is asked of the <see cref="LookActor"/>, and what it answers.</summary>
internal static class LookProtocol
{
    /// <param name="Ticket">Comes back with the answer.</param>
    /// <param name="Request">What was invoked.</param>
    /// <param name="ActivationId">The activation to look at.</param>
    /// <param name="StartedAt">When it was sent.</param>
    /// <param name="Alone">Whether its own record is to be asked for: lists may lag behind, and leave out what they should not.</param>
    internal sealed record Look(object Ticket, InvokeRequest Request, string ActivationId, DateTimeOffset StartedAt, bool Alone) : ILocalMessage;

    internal sealed record Looked(object Ticket, InvokeReply Reply) : ILocalMessage;

    /// <summary>The invoker threw.</summary>
    internal sealed record LookFailed(object Ticket, Exception Cause) : ILocalMessage;
}
