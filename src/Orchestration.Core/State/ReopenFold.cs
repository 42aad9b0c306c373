using Orchestration.Core.Facts;

namespace Orchestration.Core.State;

/// <summary>The part of the fold that is about orchestrations that go on after their end.</summary>
internal static class ReopenFold
{
    /// <summary>The orchestration runs again: steps that were passed over are decided about again, and the time of what is open begins anew.</summary>
    public static OrchestrationState Apply(OrchestrationState state, OrchestrationReopened fact)
    {
        var batches = state.Batches;
        foreach (var number in state.Active)
            batches = batches.SetItem(number, batches[number] with { Deadline = fact.Time + batches[number].Options.Timeout });
        return state with { Status = OrchestrationStatus.Running, Batches = batches, Output = default, Failure = null, EndedAt = null, Skipped = [], Chases = state.Chases.Clear() };
    }

    /// <summary>Actions wait again as if for a first attempt; only their attempts count on.</summary>
    public static OrchestrationState Apply(OrchestrationState state, ActionsReopened fact)
    {
        var batch = state.Batches[fact.Batch];
        var actions = batch.Actions.ToBuilder();
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
            batch = batch.Await(index, fact.Time);
        return state with { Batches = state.Batches.SetItem(fact.Batch, batch), Active = state.Active.Add(fact.Batch) };
    }
}
