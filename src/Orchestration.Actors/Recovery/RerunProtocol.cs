using System.Collections.Immutable;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Identity;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Recovery;

/// <summary>What orchestrators and the ledger of re-runs (<see cref="RerunActor"/>) tell each other.</summary>
internal static class RerunProtocol
{
    /// <summary>I could run these producers again.</summary>
    /// <param name="By">Which orchestration.</param>
    /// <param name="Producers">Which producers.</param>
    /// <param name="IsAll">Whether it claims and runs no others; all of them are told every now and then, so that nothing that got lost stays lost.</param>
    internal sealed record Claim(OrchestrationId By, ImmutableArray<ActionId> Producers, bool IsAll) : ILocalMessage
    {
        /// <summary>What it has asked for ahead of time and not been given yet: not to be taken from it.</summary>
        public ImmutableArray<ActionId> Asked { get; init; } = [];
    }

    /// <summary>I could run these producers again when others, for which I have the turn, have run.</summary>
    /// <param name="By">Which orchestration.</param>
    /// <param name="Claims">Which producers.</param>
    internal sealed record ClaimAhead(OrchestrationId By, ImmutableArray<RerunAhead> Claims) : ILocalMessage;

    /// <summary>I neither run these nor wait for them any more.</summary>
    /// <param name="By">Which orchestration.</param>
    /// <param name="Producers">Which producers.</param>
    /// <param name="Made">Whether I ran them and they succeeded.</param>
    internal sealed record Leave(OrchestrationId By, ImmutableArray<ActionId> Producers, bool Made) : ILocalMessage;

    /// <summary>Whose turn it is, and what others have made.</summary>
    internal sealed record News(ImmutableArray<RerunNews> All) : ILocalMessage;
}
