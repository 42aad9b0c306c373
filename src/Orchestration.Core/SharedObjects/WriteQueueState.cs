using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.SharedObjects;

/// <summary>The right to write, held by one attempt.</summary>
/// <param name="Request">By whom.</param>
/// <param name="Number">The fencing number.</param>
/// <param name="Until">When it ends, or its holder is asked.</param>
/// <param name="ActivationId">The activation to look at, when its orchestration no longer awaits it; else null.</param>
/// <param name="Silent">Whether the holder did not answer the last time.</param>
public sealed record WriteLease(WriteRequest Request, long Number, DateTimeOffset Until, string? ActivationId, bool Silent);

/// <summary>The mailbox of one shared object: who may write, who waits, and who has written; a fold of its facts (<see cref="WriteFold"/>).</summary>
public sealed record WriteQueueState
{
    /// <summary>Before the first fact.</summary>
    public static WriteQueueState Empty { get; } = new();

    /// <summary>Which object; null before the first fact.</summary>
    public ObjectKey? Object { get; init; }

    /// <summary>The object store's URL.</summary>
    public string Store { get; init; } = "";

    /// <summary>The fencing number of the latest grant; 0 before the first.</summary>
    public long LastNumber { get; init; }

    /// <summary>The grant in force; null when there is none.</summary>
    public WriteLease? Lease { get; init; }

    /// <summary>Who waits, in the order of coming.</summary>
    public ImmutableSortedDictionary<long, WriteRequest> Waiting { get; init; } = ImmutableSortedDictionary<long, WriteRequest>.Empty;

    /// <summary>The place in <see cref="Waiting"/> of each ticket.</summary>
    public ImmutableDictionary<WriteTicket, long> Places { get; init; } = ImmutableDictionary<WriteTicket, long>.Empty;

    /// <summary>The place that the next one gets.</summary>
    public long NextPlace { get; init; }

    /// <summary>The completed writers in the order of their first completion, each action once; the oldest are dropped beyond a bound.</summary>
    public ImmutableList<CompletedWrite> History { get; init; } = [];

    /// <summary>The actions of <see cref="History"/>.</summary>
    public ImmutableHashSet<ActionId> Writers { get; init; } = [];

    /// <summary>The action that completed a write last: while the object is made again, one from the middle of <see cref="History"/>. Null before the first.</summary>
    public ActionId? LastWriter { get; init; }

    /// <summary>How many completed writers were dropped from the front of <see cref="History"/>.</summary>
    public long Forgotten { get; init; }

    /// <summary>Whether nobody holds or wants the object.</summary>
    public bool IsIdle => Lease is null && Waiting.IsEmpty;
}
