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
    /// <inheritdoc />
    public bool Equals(RecoveryJob? other) => other is not null && ActionId == other.ActionId
        && After.SequenceEqual(other.After) && Objects.SequenceEqual(other.Objects);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(ActionId, After.Length, Objects.Length);
}
