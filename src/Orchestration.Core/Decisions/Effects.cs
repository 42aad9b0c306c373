using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Something to do in the world because a fact was stored; data that an actor interprets.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>Run an attempt: one POST, or await the activation that is known already.</summary>
    /// <param name="Attempt">Which attempt.</param>
    /// <param name="Request">What to invoke.</param>
    /// <param name="ActivationId">The activation to await; null to invoke.</param>
    /// <param name="StartedAt">When the attempt started.</param>
    /// <param name="Deadline">When the policy or the batch ends the attempt; null for the action's own limit alone.</param>
    public sealed record RunAttempt(AttemptRef Attempt, InvokeRequest Request, string? ActivationId, DateTimeOffset StartedAt, DateTimeOffset? Deadline) : Effect
    {
        /// <summary>Where the request's parameters refer to secrets.</summary>
        public ImmutableArray<SecretReference> Secrets { get; init; } = [];

        /// <summary>Objects that must be there before the request is sent; none once its activation is known.</summary>
        public ImmutableArray<ObjectKey> Inputs { get; init; } = [];

        /// <summary>Those of <see cref="Inputs"/> that count as missing although they are there: not all their writers have written again.</summary>
        public ImmutableArray<ObjectKey> Unmade { get; init; } = [];

        /// <summary>Whether only the inputs are looked for and nothing is sent.</summary>
        public bool IsCheck { get; init; }

        /// <summary>Whether the deadline is the batch's, not the policy's.</summary>
        public bool IsBatchDeadline { get; init; }
    }

    /// <summary>Plan how the objects that an action lacks are made again.</summary>
    /// <param name="Reader">The action.</param>
    /// <param name="Lost">The objects.</param>
    public sealed record PlanRecovery(Place Reader, ImmutableArray<ObjectKey> Lost) : Effect;

    /// <summary>Find the actions that had read objects whose content has changed.</summary>
    /// <param name="Objects">The objects.</param>
    public sealed record PlanChange(ImmutableArray<ObjectKey> Objects) : Effect;

    /// <summary>Tell those who wait for a batch, and ask the pipeline what comes next.</summary>
    /// <param name="Batch">The batch's number.</param>
    public sealed record BatchFinished(int Batch) : Effect;

    /// <summary>Ask the pipeline what comes first.</summary>
    public sealed record PipelineBegins : Effect;

    /// <summary>Go on as after a recovery: what was being waited for before the end is done again.</summary>
    public sealed record GoOn : Effect;

    /// <summary>Report and leave.</summary>
    public sealed record OrchestrationFinished : Effect;
}

/// <summary>Which effects follow from facts.</summary>
public static class Effects
{
    /// <summary>The effects of one stored fact.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="state">The state after the row that holds it.</param>
    /// <returns>The effect; null when there is none.</returns>
    public static Effect? After(Fact fact, OrchestrationState state) => fact switch
    {
        OrchestrationStarted { Pipeline: not null } => new Effect.PipelineBegins(),
        AttemptStarted f when IsOpen(state, f) => Run(state, f.Batch, f.Index),
        AttemptFailed { Lost.IsEmpty: false } f when !state.Ended => new Effect.PlanRecovery(new Place(f.Batch, f.Index), f.Lost),
        ObjectsChanged f => new Effect.PlanChange(f.Objects),
        BatchEnded f => new Effect.BatchFinished(f.Batch),
        OrchestrationReopened when !state.Ended => new Effect.GoOn(),
        OrchestrationCompleted or OrchestrationFailed or OrchestrationCancelled => new Effect.OrchestrationFinished(),
        _ => null,
    };

    /// <summary>The effects after a recovery, once the take-over is stored: activations that are known are awaited, never invoked again.</summary>
    /// <param name="state">The recovered state.</param>
    /// <returns>The effects.</returns>
    public static IEnumerable<Effect> OnRecovered(OrchestrationState state)
    {
        if (state.Ended)
            yield return new Effect.OrchestrationFinished();
        if (state.Status != OrchestrationStatus.Running)
            yield break;
        foreach (var (batch, index, action) in Decider.RunningAttempts(state))
            if (action.ActivationId is not null)
                yield return Run(state, batch, index);
        foreach (var number in state.Active)
            for (var i = 0; i < state.Batches[number].NextFresh; i++)
                if (RecoveryDecisions.IsUnplanned(state, new Place(number, i)))
                    yield return new Effect.PlanRecovery(new Place(number, i), state.Batches[number].Actions[i].Lost);
        if (!state.Changed.IsEmpty)
            yield return new Effect.PlanChange([.. state.Changed]);
        if (state.Started!.Pipeline is not null)
            yield return new Effect.PipelineBegins();
    }

    /// <summary>The effect that runs the open attempt of an action.</summary>
    /// <param name="state">The state.</param>
    /// <param name="batch">The batch's number.</param>
    /// <param name="index">The action's place in the batch.</param>
    /// <returns>The effect.</returns>
    public static Effect.RunAttempt Run(OrchestrationState state, int batch, int index)
    {
        var of = state.Batches[batch];
        var action = of.Actions[index];
        var spec = action.Spec!;
        var policy = spec.Retry ?? of.Options.Retry;
        var request = new InvokeRequest(state.Started!.Id, action.Id, action.Attempts, spec.Name, spec.Parameters) { Fencing = action.Fencing };
        var own = Earlier(action.LastStart + policy.AttemptTimeout, action.FirstStart!.Value + policy.OverallTimeout);
        var deadline = Earlier(own, of.Deadline);
        var inputs = action.ActivationId is null ? state.Written.InputsOf(spec, new Place(batch, index)) : [];
        var halfMade = inputs.IsEmpty ? null : HalfMade.Of(state);
        return new Effect.RunAttempt(new AttemptRef(batch, index, action.Attempts), request, action.ActivationId, action.LastStart, deadline)
        {
            Secrets = spec.Secrets,
            Inputs = inputs,
            Unmade = halfMade is null or { Count: 0 } ? [] : [.. inputs.Where(k => halfMade.ContainsKey(k) && spec.Job?.Onto.Contains(k) != true)],
            IsCheck = spec.IsCheck,
            IsBatchDeadline = deadline is not null && deadline != own,
        };
    }

    private static bool IsOpen(OrchestrationState state, AttemptStarted fact)
    {
        var action = state.Batches[fact.Batch].Actions[fact.Index];
        return !state.Ended && action.Phase == ActionPhase.Running && action.Attempts == fact.Attempt;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null ? a : a < b ? a : b;
}
