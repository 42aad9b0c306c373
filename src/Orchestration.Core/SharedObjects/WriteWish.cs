using System.Collections.Immutable;
using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;

namespace Orchestration.Core.SharedObjects;

/// <summary>
/// What one attempt still needs before it may start: the grants of all its objects, asked for one after another in the order of the objects' names.
/// Because everybody asks in that order and holds what it has, nobody can wait in a circle.
/// </summary>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Objects">Its objects in order, each once.</param>
/// <param name="Granted">The grants so far, of the first objects.</param>
/// <param name="Since">When the last of all grants came; null while one is missing.</param>
public sealed record WriteWish(AttemptRef Attempt, ImmutableArray<ObjectKey> Objects, ImmutableArray<FencingNumber> Granted, DateTimeOffset? Since)
{
    /// <summary>A wish without any grant.</summary>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="objects">Its objects, in any order.</param>
    /// <returns>The wish.</returns>
    public static WriteWish For(AttemptRef attempt, IEnumerable<ObjectKey> objects) => new(attempt, [.. objects.Distinct().Order()], [], null);

    /// <summary>Which object to ask for now; null when all are granted.</summary>
    public ObjectKey? Next => Granted.Length < Objects.Length ? Objects[Granted.Length] : null;

    /// <summary>Takes in a grant.</summary>
    /// <param name="grant">The grant; one that is not the next is passed over.</param>
    /// <param name="now">The time.</param>
    /// <returns>The wish with it.</returns>
    public WriteWish With(FencingNumber grant, DateTimeOffset now)
    {
        if (Next != grant.Object)
            return this;
        return this with { Granted = Granted.Add(grant), Since = Granted.Length + 1 == Objects.Length ? now : null };
    }

    /// <inheritdoc />
    public bool Equals(WriteWish? other) => other is not null && Attempt == other.Attempt && Since == other.Since
        && Objects.SequenceEqual(other.Objects) && Granted.SequenceEqual(other.Granted);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Attempt, Objects.Length, Granted.Length);
}
