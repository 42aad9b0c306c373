using System.Collections.Immutable;

namespace Orchestration.Core.Facts;

/// <summary>One journal row: the facts of all commands that were decided together, in order. Stored wholly or not at all.</summary>
/// <param name="Facts">The facts, at least one.</param>
public sealed record Commit(ImmutableArray<Fact> Facts)
{
    /// <inheritdoc />
    public bool Equals(Commit? other) => other is not null && Facts.SequenceEqual(other.Facts);

    /// <inheritdoc />
    public override int GetHashCode() => Facts.Length;
}

/// <summary>A commit with its place in the journal.</summary>
/// <param name="SequenceNr">The row's sequence number, from 1 up.</param>
/// <param name="Commit">The facts.</param>
public sealed record StoredCommit(long SequenceNr, Commit Commit);
