using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Recovery;

namespace Orchestration.Core.State;

/// <summary>The part of the fold that is about orchestrations that go on after their end.</summary>
internal static class ReopenFold
{
    /// <summary>The orchestration runs again: steps that were passed over are decided about again, and the time of what is open begins anew.</summary>
    public static OrchestrationState Apply(OrchestrationState state, OrchestrationReopened fact)
    {
        var batches = state.Batches;
        var reruns = state.Reruns;
        foreach (var number in state.Active)
        {
            var batch = batches[number] with { Deadline = fact.Time + batches[number].Options.Timeout };
            batches = batches.SetItem(number, batch.Recovery ? ClaimAgain(batch, ref reruns) : batch);
        }

        return state with { Reruns = reruns, Status = OrchestrationStatus.Running, Batches = batches, Output = default, Failure = null, EndedAt = null, Skipped = [], Chases = state.Chases.Clear() };
    }

    /// <summary>Actions wait again as if for a first attempt; only their attempts count on.</summary>
    public static OrchestrationState Apply(OrchestrationState state, ActionsReopened fact)
    {
        var batch = state.Batches[fact.Batch];
        var actions = batch.Actions.ToBuilder();
        var reruns = state.Reruns;
        var reopened = 0;
        foreach (var index in fact.Indexes())
        {
            var action = actions[index];
            actions[index] = new ActionState
            {
                Id = action.Id,
                Spec = action.Spec,
                Attempts = action.Attempts,
                LastStart = action.LastStart,
                ReadyAt = fact.Time,
                Fencing = action.Fencing,
                AbandonedActivation = action.AbandonedActivation,
            };
            if (TakesTurn(action))
            {
                actions[index] = actions[index] with { Phase = ActionPhase.Claiming };
                reruns = reruns.Add(new Place(fact.Batch, index));
            }

            reopened++;
        }

        batch = batch with
        {
            Actions = actions.ToImmutable(),
            Failed = batch.Failed - reopened,
            Ended = false,
            Collected = null,
            Deadline = fact.Time + batch.Options.Timeout,
        };
        foreach (var index in fact.Indexes())
        {
            if (!TakesTurn(batch.Actions[index]))
                batch = batch.Await(index, fact.Time);
        }

        return state with { Batches = state.Batches.SetItem(fact.Batch, batch), Active = state.Active.Add(fact.Batch), Reruns = reruns };
    }

    // What was about to run again had its turn among all orchestrations, and lost it with the end.
    private static BatchState ClaimAgain(BatchState batch, ref ImmutableSortedSet<Place> reruns)
    {
        for (var index = 0; index < batch.Actions.Count; index++)
        {
            var action = batch.Actions[index];
            if (!RecoveryFold.TakesTurn(action))
                continue;
            batch = batch.Unawait(index);
            batch = batch with { Actions = batch.Actions.SetItem(index, action with { Phase = ActionPhase.Claiming }) };
            reruns = reruns.Add(new Place(batch.Number, index));
        }

        return batch;
    }

    private static bool TakesTurn(ActionState action) => action.Spec is { Job.Objects.IsEmpty: false };
}
