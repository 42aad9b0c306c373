using Orchestration.Core.Decisions;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Protocol;

/// <summary>What an orchestrator and its ActionActors tell each other.</summary>
internal static class AttemptProtocol
{
    internal sealed record Run(Effect.RunAttempt Attempt) : ILocalMessage;

    internal sealed record Accepted(AttemptRef Attempt, string ActivationId, DateTimeOffset SentAt) : ILocalMessage;

    internal sealed record Ended(AttemptRef Attempt, InvokeReply Reply, DateTimeOffset SentAt) : ILocalMessage;

    /// <summary>The actor failed unexpectedly while it ran the attempt.</summary>
    internal sealed record Crashed(AttemptRef Attempt, string Reason) : ILocalMessage;
}
