using System.Diagnostics;
using Orchestration.Core.Decisions;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Protocol;

/// <summary>What an orchestrator and its ActionActors tell each other.</summary>
internal static class AttemptProtocol
{
    /// <summary>Run this.</summary>
    /// <param name="Attempt">What to run.</param>
    /// <param name="Span">What its requests are part of; null when nobody listens.</param>
    internal sealed record Run(Effect.RunAttempt Attempt, Activity? Span) : ILocalMessage;

    internal sealed record Accepted(AttemptRef Attempt, string ActivationId, DateTimeOffset SentAt) : ILocalMessage;

    internal sealed record Ended(AttemptRef Attempt, InvokeReply Reply, DateTimeOffset SentAt) : ILocalMessage;

    /// <summary>The actor failed unexpectedly while it ran the attempt.</summary>
    internal sealed record Crashed(AttemptRef Attempt, string Reason) : ILocalMessage;
}
