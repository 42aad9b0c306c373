using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Recovery;

/// <summary>Marks an action as the re-run of one that ran before: its own id and parameters, the orchestration that needs its objects.</summary>
/// <param name="ActionId">The id of the action that runs again.</param>
/// <param name="After">The actions of this orchestration that must have succeeded before it starts.</param>
/// <param name="Objects">The objects that it is to make again.</param>
public sealed record RecoveryJob(ActionId ActionId, ImmutableArray<Place> After, ImmutableArray<ObjectKey> Objects)
{
    /// <summary>Those of <see cref="Objects"/> that earlier re-runs have written, and this one writes on: they must be there before it, and that they are says nothing of it.</summary>
    public ImmutableArray<ObjectKey> Onto { get; init; } = [];

    /// <summary>Those of <see cref="Objects"/> that later re-runs write on: only then they are what they were.</summary>
    public ImmutableArray<ObjectKey> Partial { get; init; } = [];

    /// <inheritdoc />
    public bool Equals(RecoveryJob? other) => other is not null && ActionId == other.ActionId
        && After.SequenceEqual(other.After) && Objects.SequenceEqual(other.Objects) && Onto.SequenceEqual(other.Onto) && Partial.SequenceEqual(other.Partial);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(ActionId, After.Length, Objects.Length);
}
