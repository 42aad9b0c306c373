using System.Collections.Immutable;
using Orchestration.Core.Objects;

namespace Orchestration.Core.SharedObjects;

/// <summary>Something asked of a mailbox. Time comes with it, so that deciding is pure.</summary>
/// <param name="Time">When, UTC.</param>
public abstract record WriteCommand(DateTimeOffset Time)
{
    /// <summary>Stand in line; doing so again changes nothing.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Request">Who and for what.</param>
    /// <param name="Object">Which object; stored once.</param>
    /// <param name="Store">The object store's URL; stored once.</param>
    public sealed record Acquire(DateTimeOffset Time, WriteRequest Request, ObjectKey Object, string Store) : WriteCommand(Time);

    /// <summary>End a grant, or leave the line; of a ticket that is not known nothing follows.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Whose.</param>
    /// <param name="Wrote">Whether a write was completed.</param>
    public sealed record Release(DateTimeOffset Time, WriteTicket Ticket, bool Wrote) : WriteCommand(Time);

    /// <summary>Let a grant last longer; one whose new end has passed ends instead.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Ticket">Whose.</param>
    /// <param name="Until">Until when.</param>
    /// <param name="ActivationId">The activation whose end would end it sooner; null for none.</param>
    /// <param name="Silent">Whether its holder did not answer.</param>
    public sealed record Extend(DateTimeOffset Time, WriteTicket Ticket, DateTimeOffset Until, string? ActivationId, bool Silent) : WriteCommand(Time);
}

/// <summary>Every decision of a mailbox: first in, first out, one grant at a time. Pure.</summary>
/// <param name="Lease">How long a grant lasts until its holder is asked whether it still needs it.</param>
/// <param name="MaxWaiting">So many may stand in line.</param>
public sealed record WriteQueue(TimeSpan Lease, int MaxWaiting)
{
    /// <summary>Whether a request must come again later: the line is full.</summary>
    /// <param name="state">The mailbox as it stands.</param>
    /// <param name="request">The request.</param>
    /// <returns>Whether it is turned away.</returns>
    public bool IsFull(WriteQueueState state, WriteRequest request)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        return state.Waiting.Count >= MaxWaiting && !state.Places.ContainsKey(request.Ticket) && state.Lease?.Request.Ticket != request.Ticket;
    }

    /// <summary>Decides about one command.</summary>
    /// <param name="state">The mailbox as it stands.</param>
    /// <param name="command">What is asked.</param>
    /// <returns>Facts to store; none when nothing changes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The command's type is not known.</exception>
    public ImmutableArray<WriteFact> Decide(WriteQueueState state, WriteCommand command)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(command);
        return command switch
        {
            WriteCommand.Acquire c => Acquire(state, c),
            WriteCommand.Release c when state.Lease?.Request.Ticket == c.Ticket => PassOn(state, new WriteFact.Released(c.Time, c.Ticket, c.Wrote)),
            WriteCommand.Release c when state.Places.ContainsKey(c.Ticket) => [new WriteFact.Left(c.Time, c.Ticket)],
            WriteCommand.Extend c when state.Lease?.Request.Ticket == c.Ticket => c.Until > c.Time
                ? [new WriteFact.Extended(c.Time, c.Ticket, c.Until, c.ActivationId, c.Silent)]
                : PassOn(state, new WriteFact.Expired(c.Time, c.Ticket)),
            WriteCommand.Release or WriteCommand.Extend => [],
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No such command."),
        };
    }

    private ImmutableArray<WriteFact> Acquire(WriteQueueState state, WriteCommand.Acquire command)
    {
        var request = command.Request;
        if (state.Lease?.Request.Ticket == request.Ticket || state.Places.ContainsKey(request.Ticket) || IsFull(state, request))
            return [];
        var facts = ImmutableArray.CreateBuilder<WriteFact>();
        if (state.Object is null)
            facts.Add(new WriteFact.Opened(command.Time, command.Object, command.Store));
        facts.Add(new WriteFact.Queued(command.Time, request));
        if (state.IsIdle)
            facts.Add(Grant(state, request, command.Time));
        return facts.ToImmutable();
    }

    private ImmutableArray<WriteFact> PassOn(WriteQueueState state, WriteFact end) =>
        state.Waiting.IsEmpty ? [end] : [end, Grant(state, state.Waiting.First().Value, end.Time)];

    private WriteFact.Granted Grant(WriteQueueState state, WriteRequest request, DateTimeOffset now) =>
        new(now, request.Ticket, state.LastNumber + 1, now + Lease);
}
