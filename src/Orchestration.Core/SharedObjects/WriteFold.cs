namespace Orchestration.Core.SharedObjects;

/// <summary>Folds a mailbox's facts into its state. Replaying stored facts gives the state that was live when they were stored.</summary>
public static class WriteFold
{
    /// <summary>So many completed writers are kept; an object with more cannot be made again by its writers.</summary>
    public const int MaxHistory = 10_000;

    /// <summary>Applies a row.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="commit">The row's facts.</param>
    /// <returns>The state after.</returns>
    public static WriteQueueState Apply(WriteQueueState state, WriteCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        foreach (var fact in commit.Facts)
            state = Apply(state, fact);
        return state;
    }

    /// <summary>Applies one fact.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="fact">What happened.</param>
    /// <returns>The state after.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fact's type is not known.</exception>
    public static WriteQueueState Apply(WriteQueueState state, WriteFact fact) => fact switch
    {
        WriteFact.Opened f => state with { Object = f.Object, Store = f.Store },
        WriteFact.Queued f => state with
        {
            Waiting = state.Waiting.Add(state.NextPlace, f.Request),
            Places = state.Places.Add(f.Request.Ticket, state.NextPlace),
            NextPlace = state.NextPlace + 1,
        },
        WriteFact.Granted f => Leave(state, f.Ticket, out var request) with { LastNumber = f.Number, Lease = new WriteLease(request, f.Number, f.Until, null, false) },
        WriteFact.Extended f => state with { Lease = state.Lease! with { Until = f.Until, ActivationId = f.ActivationId ?? state.Lease.ActivationId, Silent = f.Silent } },
        WriteFact.Released f => (f.Wrote ? Complete(state, f) : state) with { Lease = null },
        WriteFact.Expired => state with { Lease = null },
        WriteFact.Left f => Leave(state, f.Ticket, out _),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "No such fact."),
    };

    private static WriteQueueState Leave(WriteQueueState state, WriteTicket ticket, out WriteRequest request)
    {
        var place = state.Places[ticket];
        request = state.Waiting[place];
        return state with { Waiting = state.Waiting.Remove(place), Places = state.Places.Remove(ticket) };
    }

    // Who runs again to make the object again keeps its place: the order in which writers come is that of the first time.
    private static WriteQueueState Complete(WriteQueueState state, WriteFact.Released fact)
    {
        var (request, number, _, _, _) = state.Lease!;
        state = state with { LastWriter = request.Action };
        if (state.Writers.Contains(request.Action))
            return state;
        var history = state.History.Add(new CompletedWrite(request.Action, request.Ticket, number, fact.Time));
        var writers = state.Writers.Add(request.Action);
        if (history.Count <= MaxHistory)
            return state with { History = history, Writers = writers };
        return state with { History = history.RemoveAt(0), Writers = writers.Remove(history[0].Action), Forgotten = state.Forgotten + 1 };
    }
}
