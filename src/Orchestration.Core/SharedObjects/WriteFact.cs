using System.Collections.Immutable;
using Orchestration.Core.Objects;

namespace Orchestration.Core.SharedObjects;

/// <summary>Something that happened at the mailbox of one shared object and is stored.</summary>
/// <param name="Time">When, by the mailbox's clock, UTC.</param>
public abstract record WriteFact(DateTimeOffset Time)
{
    /// <summary>The mailbox exists from here on. Its entity id is a hash; the object's name stands here.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Object">Which object.</param>
    /// <param name="Store">The object store's URL.</param>
    public sealed record Opened(DateTimeOffset Time, ObjectKey Object, string Store) : WriteFact(Time);

    /// <summary>An attempt stands in line.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Request">Who and for what.</param>
    public sealed record Queued(DateTimeOffset Time, WriteRequest Request) : WriteFact(Time);

    /// <summary>The first in line may write.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Who.</param>
    /// <param name="Number">The fencing number.</param>
    /// <param name="Until">When its holder is asked whether it still needs it.</param>
    public sealed record Granted(DateTimeOffset Time, WriteTicket Ticket, long Number, DateTimeOffset Until) : WriteFact(Time);

    /// <summary>The grant lasts longer.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Whose.</param>
    /// <param name="Until">When it ends, or its holder is asked again.</param>
    /// <param name="ActivationId">The activation whose end would end it sooner, when its orchestration no longer awaits it; else null.</param>
    /// <param name="Silent">Whether its holder did not answer: without an answer at the next time, the grant ends.</param>
    public sealed record Extended(DateTimeOffset Time, WriteTicket Ticket, DateTimeOffset Until, string? ActivationId, bool Silent) : WriteFact(Time);

    /// <summary>The holder's activation has ended, or was never started.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Whose.</param>
    /// <param name="Wrote">Whether it completed a write: then it stands in the order of writers.</param>
    public sealed record Released(DateTimeOffset Time, WriteTicket Ticket, bool Wrote) : WriteFact(Time);

    /// <summary>The grant's time is over: the holder's activation cannot run any more.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Whose.</param>
    public sealed record Expired(DateTimeOffset Time, WriteTicket Ticket) : WriteFact(Time);

    /// <summary>An attempt has left the line without a grant.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Who.</param>
    public sealed record Left(DateTimeOffset Time, WriteTicket Ticket) : WriteFact(Time);
}

/// <summary>One journal row of a mailbox: facts that were decided together. Stored wholly or not at all.</summary>
/// <param name="Facts">The facts, in order.</param>
public sealed record WriteCommit(ImmutableArray<WriteFact> Facts)
{
    /// <inheritdoc />
    public bool Equals(WriteCommit? other) => other is not null && Facts.SequenceEqual(other.Facts);

    /// <inheritdoc />
    public override int GetHashCode() => Facts.Length;
}
