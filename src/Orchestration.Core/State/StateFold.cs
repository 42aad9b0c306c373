using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.State;

/// <summary>Folds facts into state. Replaying stored facts gives the state that was live when they were stored.</summary>
public static class StateFold
{
    /// <summary>Applies a whole row.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="commit">The row's facts.</param>
    /// <param name="sequenceNr">The row's sequence number.</param>
    /// <returns>The state after.</returns>
    public static OrchestrationState Apply(OrchestrationState state, Commit commit, long sequenceNr)
    {
        foreach (var fact in commit.Facts)
            state = Apply(state, fact, sequenceNr);
        return state;
    }

    /// <summary>Applies one fact.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="sequenceNr">The sequence number of the row that holds the fact; results are found there again.</param>
    /// <returns>The state after.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fact's type is not known.</exception>
    public static OrchestrationState Apply(OrchestrationState state, Fact fact, long sequenceNr) => fact switch
    {
        OrchestrationStarted f => state with { Status = OrchestrationStatus.Running, Started = f },
        Resumed f => state with { Owner = f.Owner, Epoch = f.Epoch },
        ActionsAdded f => Apply(state, f),
        BatchSealed f => Apply(state, f),
        AttemptStarted f => Apply(state, f),
        ActivationAccepted f => OnAction(state, f.Batch, f.Index, a => a with { ActivationId = f.ActivationId }),
        AttemptSucceeded f => Apply(state, f, sequenceNr),
        AttemptFailed f => Apply(state, f, sequenceNr),
        LateOutcome => state,
        InputsPlanned f => RecoveryFold.Apply(state, f),
        RerunGranted f => RecoveryFold.Apply(state, f),
        MadeElsewhere f => RecoveryFold.Apply(state, f, sequenceNr),
        InputsLost f => RecoveryFold.Apply(state, f, sequenceNr),
        ObjectsChanged f => state with { Changed = state.Changed.Union(f.Objects) },
        ChangePlanned f => state with { Changed = state.Changed.Except(f.Objects) },
        ActionsClosed f => Apply(state, f, sequenceNr),
        ActionsReopened f => ReopenFold.Apply(state, f),
        OrchestrationReopened f => ReopenFold.Apply(state, f),
        ResultsCollected f => state.OnBatch(f.Batch, b => b with { Collected = f.Object }),
        StepSkipped f => state with { Skipped = state.Skipped.Add(f.Step) },
        BatchEnded f => state.OnBatch(f.Batch, b => b with { Ended = true }) with { Active = state.Active.Remove(f.Batch) },
        OrchestrationCompleted f => End(state, OrchestrationStatus.Completed, f.Time) with { Output = f.Output },
        OrchestrationFailed f => End(state, OrchestrationStatus.Failed, f.Time) with { Failure = f.Failure },
        OrchestrationCancelled f => End(state, OrchestrationStatus.Cancelled, f.Time) with { Failure = new Failure("CANCELLED", f.Reason) },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "No such fact."),
    };

    private static OrchestrationState End(OrchestrationState state, OrchestrationStatus status, DateTimeOffset time) =>
        state with { Status = status, EndedAt = time, Reruns = [] };

    private static OrchestrationState Apply(OrchestrationState state, ActionsAdded fact)
    {
        var batches = state.Batches;
        if (fact.Batch == batches.Count)
            batches = batches.Add(new BatchState { Number = fact.Batch });
        var added = fact.Actions.Select((spec, i) => new ActionState { Id = fact.IdOf(i), Spec = spec });
        var batch = batches[fact.Batch];
        return state with { Batches = batches.SetItem(fact.Batch, batch with { Actions = batch.Actions.AddRange(added) }) };
    }

    private static OrchestrationState Apply(OrchestrationState state, BatchSealed fact)
    {
        var batches = state.Batches;
        if (fact.Batch == batches.Count)
            batches = batches.Add(new BatchState { Number = fact.Batch });
        var batch = batches[fact.Batch];
        var ready = batch.Actions.ConvertAll(a => a with { ReadyAt = fact.Time });
        batch = batch with { Sealed = true, Recovery = fact.Recovery, Key = fact.Key, Hash = fact.Hash, Options = fact.Options, Actions = ready, Deadline = fact.Time + fact.Options.Timeout };
        if (!fact.Recovery && batch.Actions.Any(a => !a.Spec!.Writes.IsEmpty))
            batch = StandInLine(batch, fact.Time);
        state = state with { Batches = batches.SetItem(fact.Batch, batch), Active = state.Active.Add(fact.Batch) };
        return fact.Recovery ? RecoveryFold.Begin(state, fact) : state with { Keys = state.Keys.SetItem(fact.Key, fact.Batch) };
    }

    // Its actions do not start one after another: those that share objects wait for grants, and the others go past them.
    private static BatchState StandInLine(BatchState batch, DateTimeOffset time)
    {
        for (var i = 0; i < batch.Actions.Count; i++)
            batch = batch.Await(i, time);
        return batch with { NextFresh = batch.Actions.Count };
    }

    private static OrchestrationState Apply(OrchestrationState state, AttemptStarted fact)
    {
        var batch = state.Batches[fact.Batch];
        var action = batch.Actions[fact.Index];
        var started = action with
        {
            Phase = ActionPhase.Running,
            Attempts = fact.Attempt,
            ActivationId = null,
            FirstStart = action.FirstStart ?? fact.Time,
            LastStart = fact.Time,
            Fencing = fact.Fencing,
            AbandonedActivation = null,
        };
        return state.With(batch.Unawait(fact.Index) with
        {
            Actions = batch.Actions.SetItem(fact.Index, started),
            Running = batch.Running + 1,
            NextFresh = Math.Max(batch.NextFresh, fact.Index + 1),
        });
    }

    private static OrchestrationState Apply(OrchestrationState state, AttemptSucceeded fact, long sequenceNr)
    {
        var batch = state.Batches[fact.Batch];
        var action = batch.Actions[fact.Index];
        var done = action with { Phase = ActionPhase.Succeeded, Spec = null, ActivationId = null, Lost = [], DoneAt = sequenceNr, Fencing = Wrote(action.Fencing, fact.Objects) };
        state = state.With(batch with { Actions = batch.Actions.SetItem(fact.Index, done), Running = batch.Running - 1, Succeeded = batch.Succeeded + 1 });
        return RecoveryFold.Succeeded(state, fact, action.Spec?.Job?.Partial ?? []);
    }

    // An action that tells what it did with objects is believed; of one that does not, the declaration counts.
    private static ImmutableArray<FencingNumber> Wrote(ImmutableArray<FencingNumber> fencing, ObjectReport objects) =>
        fencing.IsEmpty || objects.IsEmpty ? fencing : [.. fencing.Where(f => objects.Writes.Any(w => w.Object == f.Object))];

    private static OrchestrationState Apply(OrchestrationState state, AttemptFailed fact, long sequenceNr) =>
        (fact.RetryAt is null ? RecoveryFold.LeaveTurn(state, new Place(fact.Batch, fact.Index)) : state).OnBatch(fact.Batch, batch =>
    {
        var action = batch.Actions[fact.Index] with { ActivationId = null };
        action = action with
        {
            RetriesUsed = action.RetriesUsed + (fact.UsedRetry ? 1 : 0),
            Pushbacks = action.Pushbacks + (fact.Outcome is AttemptOutcome.Throttled or AttemptOutcome.Unavailable ? 1 : 0),
            Crashes = action.Crashes + (fact.Outcome is AttemptOutcome.Crashed ? 1 : 0),
            Lost = fact.Lost,
        };
        action = WriteHolds.IsOver(fact)
            ? action with { Fencing = [] }
            : action with { AbandonedActivation = action.Fencing.IsEmpty ? null : fact.ActivationId };
        if (!fact.Lost.IsEmpty)
            return batch with { Actions = batch.Actions.SetItem(fact.Index, action with { Phase = ActionPhase.Blocked }), Running = batch.Running - 1 };
        return fact.RetryAt is { } due
            ? (batch with
            {
                Actions = batch.Actions.SetItem(fact.Index, action with { Phase = ActionPhase.Waiting, ReadyAt = due }),
                Running = batch.Running - 1,
            }).Await(fact.Index, due)
            : batch with
            {
                Actions = batch.Actions.SetItem(fact.Index, action with { Phase = ActionPhase.Failed, Cut = fact.Outcome is AttemptOutcome.Cancelled, DoneAt = sequenceNr }),
                Running = batch.Running - 1,
                Failed = batch.Failed + 1,
            };
    });

    private static OrchestrationState Apply(OrchestrationState state, ActionsClosed fact, long sequenceNr)
    {
        foreach (var index in fact.Indexes())
            state = RecoveryFold.LeaveTurn(RecoveryFold.Forget(state, new Place(fact.Batch, index)), new Place(fact.Batch, index));
        return state.OnBatch(fact.Batch, batch => Close(batch, fact, sequenceNr));
    }

    private static BatchState Close(BatchState batch, ActionsClosed fact, long sequenceNr)
    {
        var actions = batch.Actions.ToBuilder();
        var closed = 0;
        foreach (var index in fact.Indexes())
        {
            actions[index] = actions[index] with { Phase = ActionPhase.Failed, ActivationId = null, Lost = [], After = [], DoneAt = sequenceNr };
            closed++;
        }

        return batch with { Actions = actions.ToImmutable(), Retries = [], Lines = [], NextFresh = batch.Actions.Count, Failed = batch.Failed + closed };
    }

    private static OrchestrationState OnAction(OrchestrationState state, int batch, int index, Func<ActionState, ActionState> change) =>
        state.OnBatch(batch, b => b with { Actions = b.Actions.SetItem(index, change(b.Actions[index])) });
}
