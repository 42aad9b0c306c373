using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;

namespace Orchestration.Core.State;

/// <summary>The part of the fold that is about lost objects: who waits for whom, and what was written.</summary>
internal static class RecoveryFold
{
    /// <summary>A batch of re-runs is whole: those that wait for others are blocked, the rest may start.</summary>
    public static OrchestrationState Begin(OrchestrationState state, BatchSealed fact)
    {
        var chases = state.Chases.ToBuilder();
        // An object with several writers is made again once, by all of them.
        foreach (var key in state.Batches[fact.Batch].Actions.SelectMany(a => a.Spec!.Job!.Objects).Distinct())
            chases[key] = chases.GetValueOrDefault(key) + 1;
        state = state with { Chases = chases.ToImmutable(), Jobs = state.Jobs + fact.Count };
        for (var i = 0; i < fact.Count; i++)
            state = Wait(state, new Place(fact.Batch, i), state.Batches[fact.Batch].Actions[i].Spec!.Job!.After, fact.Time);
        var batch = state.Batches[fact.Batch];
        return state.With(batch with { NextFresh = fact.Count });
    }

    public static OrchestrationState Apply(OrchestrationState state, InputsPlanned fact)
    {
        var place = new Place(fact.Batch, fact.Index);
        var action = ActionAt(state, place);
        var planned = action with { FoundThere = fact.After.IsEmpty ? action.FoundThere + 1 : 0 };
        state = state.OnBatch(place.Batch, b => b with { Actions = b.Actions.SetItem(place.Index, planned) });
        return Wait(state, place, fact.After, fact.Time);
    }

    public static OrchestrationState Apply(OrchestrationState state, RerunGranted fact) => state.OnBatch(fact.Batch, batch =>
    {
        var action = batch.Actions[fact.Index];
        return (batch with { Actions = batch.Actions.SetItem(fact.Index, action with { Phase = ActionPhase.Waiting }) }).Await(fact.Index, action.ReadyAt);
    });

    public static OrchestrationState Apply(OrchestrationState state, MadeElsewhere fact, long sequenceNr)
    {
        var place = new Place(fact.Batch, fact.Index);
        state = state.OnBatch(fact.Batch, batch =>
        {
            var done = batch.Actions[fact.Index] with { Phase = ActionPhase.Succeeded, Spec = null, Lost = [], DoneAt = sequenceNr };
            return batch with { Actions = batch.Actions.SetItem(fact.Index, done), Succeeded = batch.Succeeded + 1 };
        });
        return ReleaseDependents(LeaveTurn(state, place), place, fact.Time);
    }

    /// <summary>A re-run neither runs nor could run any more.</summary>
    public static OrchestrationState LeaveTurn(OrchestrationState state, Place place) =>
        state.Reruns.Contains(place) ? state with { Reruns = state.Reruns.Remove(place) } : state;

    /// <summary>Whether an action is a re-run that may run in one orchestration at a time only, and is about to run or runs.</summary>
    public static bool TakesTurn(ActionState action) =>
        action is { Spec.Job.Objects.IsEmpty: false, Phase: ActionPhase.Claiming or ActionPhase.Waiting or ActionPhase.Running };

    public static OrchestrationState Apply(OrchestrationState state, InputsLost fact, long sequenceNr) =>
        LeaveTurn(Forget(state, new Place(fact.Batch, fact.Index)), new Place(fact.Batch, fact.Index)).OnBatch(fact.Batch, batch =>
    {
        var action = batch.Actions[fact.Index];
        var failed = action with { Phase = ActionPhase.Failed, Lost = [], After = [], DoneAt = sequenceNr };

        // What it waited for may have come, in another form than is accepted: then it was about to start.
        var left = action.Phase == ActionPhase.Waiting ? batch.Unawait(fact.Index) : batch;
        return left with { Actions = batch.Actions.SetItem(fact.Index, failed), Failed = batch.Failed + 1 };
    });

    /// <summary>An action no longer waits for others.</summary>
    public static OrchestrationState Forget(OrchestrationState state, Place place)
    {
        var dependents = state.Dependents;
        foreach (var before in ActionAt(state, place).After)
        {
            var left = dependents[before].Remove(place);
            dependents = left.IsEmpty ? dependents.Remove(before) : dependents.SetItem(before, left);
        }

        return ReferenceEquals(dependents, state.Dependents) ? state : state with { Dependents = dependents };
    }

    /// <summary>An action succeeded: what it wrote counts from here on, and who waited for it alone may start.</summary>
    public static OrchestrationState Succeeded(OrchestrationState state, AttemptSucceeded fact, ImmutableArray<ObjectKey> partial)
    {
        var place = new Place(fact.Batch, fact.Index);
        var written = state.Written;
        foreach (var write in fact.Objects.Writes)
            if (!partial.Contains(write.Object))
                written = written.With(write.Object, new WrittenObject(place, write.Size, write.ETag));
        if (!ReferenceEquals(written, state.Written))
            state = state with { Written = written };
        return ReleaseDependents(LeaveTurn(state, place), place, fact.Time);
    }

    private static OrchestrationState ReleaseDependents(OrchestrationState state, Place place, DateTimeOffset time)
    {
        if (!state.Dependents.TryGetValue(place, out var dependents))
            return state;
        state = state with { Dependents = state.Dependents.Remove(place) };
        foreach (var dependent in dependents)
        {
            var action = ActionAt(state, dependent);
            var left = action.After.Remove(place);
            state = left.IsEmpty
                ? Release(state, dependent, time)
                : state.OnBatch(dependent.Batch, b => b with { Actions = b.Actions.SetItem(dependent.Index, action with { After = left }) });
        }

        return state;
    }

    private static OrchestrationState Wait(OrchestrationState state, Place place, ImmutableArray<Place> after, DateTimeOffset time)
    {
        ImmutableArray<Place> left = [.. after.Where(p => ActionAt(state, p).Phase != ActionPhase.Succeeded)];
        if (left.IsEmpty)
            return Release(state, place, time);
        var dependents = state.Dependents.ToBuilder();
        foreach (var before in left)
            dependents[before] = dependents.GetValueOrDefault(before, []).Add(place);
        state = state with { Dependents = dependents.ToImmutable() };
        return state.OnBatch(place.Batch, b => b with { Actions = b.Actions.SetItem(place.Index, b.Actions[place.Index] with { Phase = ActionPhase.Blocked, After = left }) });
    }

    private static OrchestrationState Release(OrchestrationState state, Place place, DateTimeOffset time)
    {
        // Who runs again because its inputs changed makes nothing that others wait for: it need not ask for its turn.
        var claims = ActionAt(state, place).Spec?.Job is { Objects.IsEmpty: false };
        if (claims)
            state = state with { Reruns = state.Reruns.Add(place) };
        return state.OnBatch(place.Batch, batch =>
        {
            var released = batch with
            {
                Actions = batch.Actions.SetItem(place.Index, batch.Actions[place.Index] with { Phase = claims ? ActionPhase.Claiming : ActionPhase.Waiting, ReadyAt = time, After = [] }),
            };
            return claims ? released : released.Await(place.Index, time);
        });
    }

    private static ActionState ActionAt(OrchestrationState state, Place place) => state.Batches[place.Batch].Actions[place.Index];
}
