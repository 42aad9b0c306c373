using System.Collections.Immutable;

namespace Orchestration.Core.Objects;

/// <summary>One read, write or miss of an object, as the action saw it.</summary>
/// <param name="Object">Which object.</param>
/// <param name="Size">Bytes transferred; 0 for a miss.</param>
/// <param name="ETag">The store's version tag; null when unknown or for a miss.</param>
/// <param name="Time">When the access ended, UTC.</param>
public sealed record ObjectAccess(ObjectKey Object, long Size, string? ETag, DateTimeOffset Time);

/// <summary>What one attempt did with objects: the reserved member <c>__orchestration</c> of an action's reply, version 1.</summary>
/// <param name="Reads">Objects read, in order.</param>
/// <param name="Writes">Objects written, in order.</param>
/// <param name="Missing">Objects that were not there when read, in order.</param>
public sealed record ObjectReport(ImmutableArray<ObjectAccess> Reads, ImmutableArray<ObjectAccess> Writes, ImmutableArray<ObjectAccess> Missing)
{
    /// <summary>Nothing read, written or missed.</summary>
    public static ObjectReport None { get; } = new([], [], []);

    /// <summary>Whether nothing was read, written or missed.</summary>
    public bool IsEmpty => Reads.IsEmpty && Writes.IsEmpty && Missing.IsEmpty;

    /// <inheritdoc />
    public bool Equals(ObjectReport? other) => other is not null
        && Reads.SequenceEqual(other.Reads) && Writes.SequenceEqual(other.Writes) && Missing.SequenceEqual(other.Missing);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Reads.Length, Writes.Length, Missing.Length);
}
