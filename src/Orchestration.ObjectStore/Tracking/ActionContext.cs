using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.SharedObjects;

namespace Orchestration.ObjectStore;

/// <summary>Which attempt of which action uses a store, as an invocation's <c>context</c> and <c>__orchestration</c> tell it.</summary>
/// <param name="OrchestrationId">The orchestration.</param>
/// <param name="ActionId">The action.</param>
/// <param name="Attempt">The attempt's number, from 1 up.</param>
public sealed record ActionContext(OrchestrationId OrchestrationId, ActionId ActionId, int Attempt)
{
    /// <summary>The grants of the objects that it writes together with others, as <c>__orchestration.fencing</c> tells them.</summary>
    public ImmutableArray<FencingNumber> Fencing { get; init; } = [];

    /// <inheritdoc />
    public bool Equals(ActionContext? other) => other is not null && (OrchestrationId, ActionId, Attempt) == (other.OrchestrationId, other.ActionId, other.Attempt) && Fencing.SequenceEqual(other.Fencing);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(OrchestrationId, ActionId, Attempt);
}
