using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Actors.SharedObjects;

/// <summary>A message for the mailbox of one shared object.</summary>
/// <param name="Object">Which object.</param>
/// <param name="Message">What for.</param>
internal sealed record ObjectMessage(ObjectKey Object, object Message) : ILocalMessage;

/// <summary>What orchestrators and the mailboxes of shared objects tell each other.</summary>
internal static class WriteProtocol
{
    /// <summary>I want to write; asking again is answered again.</summary>
    internal sealed record Acquire(WriteRequest Request) : ILocalMessage;

    /// <summary>So it is with this attempt: it asked, it was asked about, or it has ended.</summary>
    internal sealed record Holds(WriteTicket Ticket, Hold Hold) : ILocalMessage;

    /// <summary>Who has written the object, in order?</summary>
    internal sealed record GetWriters : ILocalMessage;

    /// <summary>These have.</summary>
    /// <param name="Completed">In order, each once.</param>
    /// <param name="Forgotten">How many before them are not known any more.</param>
    /// <param name="Last">Who wrote last of all: while the object is made again, one from the middle.</param>
    /// <param name="Holder">Who may be writing now; null for nobody.</param>
    internal sealed record Writers(IReadOnlyList<CompletedWrite> Completed, long Forgotten, ActionId? Last, ActionId? Holder) : ILocalMessage;

    /// <summary>You may write.</summary>
    internal sealed record Granted(FencingNumber Grant, AttemptRef Attempt) : ILocalMessage;

    /// <summary>You stand in line.</summary>
    internal sealed record InLine(ObjectKey Object, AttemptRef Attempt) : ILocalMessage;

    /// <summary>How is it with this attempt?</summary>
    internal sealed record Inspect(ObjectKey Object, AttemptRef Attempt) : ILocalMessage;
}

/// <summary>What a mailbox and the region that keeps it tell each other.</summary>
internal static class ObjectRegionProtocol
{
    /// <summary>Nothing to do: may I leave?</summary>
    internal sealed record MayLeave(ObjectKey Object) : ILocalMessage;

    /// <summary>Leave now, unless something has come up.</summary>
    internal sealed record Leave : ILocalMessage
    {
        public static Leave Instance { get; } = new();
    }

    /// <summary>Something has come up; send on what you have held back.</summary>
    internal sealed record Stay(ObjectKey Object) : ILocalMessage;
}
