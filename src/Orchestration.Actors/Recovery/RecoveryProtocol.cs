using System.Collections.Immutable;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Recovery;

/// <summary>What an orchestrator and its planner tell each other.</summary>
internal static class RecoveryProtocol
{
    /// <summary>Plan for everything that these actions lack, in one pass.</summary>
    /// <param name="Readers">The actions, with what each lacks.</param>
    /// <param name="UpTo">The facts up to this row count.</param>
    internal sealed record Plan(ImmutableArray<(Place Reader, ImmutableArray<ObjectKey> Lost)> Readers, long UpTo) : ILocalMessage;

    /// <summary>The plan for these actions, with the facts up to that row counted.</summary>
    internal sealed record Planned(ImmutableArray<Place> Readers, RecoveryPlan Plan, long AsOf) : ILocalMessage;

    /// <summary>Find who had read these objects.</summary>
    /// <param name="Objects">Objects that came out different.</param>
    /// <param name="UpTo">The facts up to this row count.</param>
    internal sealed record FindReaders(ImmutableArray<ObjectKey> Objects, long UpTo) : ILocalMessage;

    /// <summary>Who had read them.</summary>
    internal sealed record ReadersFound(ImmutableArray<ObjectKey> Objects, ImmutableArray<LineageAction> Readers) : ILocalMessage;
}
