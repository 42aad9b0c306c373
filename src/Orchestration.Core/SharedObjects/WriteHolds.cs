using System.Collections.Immutable;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.SharedObjects;

/// <summary>What an orchestration knows of an attempt that stands in an object's line.</summary>
public enum HoldKind
{
    /// <summary>It does not want the object (any more), or its activation has ended without a completed write.</summary>
    Over,

    /// <summary>It waits for its grants, or with them for a slot.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It was closed, and its activation may go on.</summary>
    Abandoned,

    /// <summary>It has written.</summary>
    Wrote,
}

/// <summary>What an orchestration answers about an attempt.</summary>
/// <param name="Kind">How it stands.</param>
/// <param name="StartedAt">When it started; null unless it runs or was abandoned.</param>
/// <param name="ActivationId">Its activation, when it was abandoned and the id is known; else null.</param>
public readonly record struct Hold(HoldKind Kind, DateTimeOffset? StartedAt = null, string? ActivationId = null);

/// <summary>Tells from an orchestration's state what became of the grants of an attempt, also after a crash.</summary>
public static class WriteHolds
{
    /// <summary>How an attempt stands towards an object.</summary>
    /// <param name="state">The orchestration.</param>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="key">Which object.</param>
    /// <returns>The answer.</returns>
    public static Hold Of(OrchestrationState state, AttemptRef attempt, ObjectKey key)
    {
        ArgumentNullException.ThrowIfNull(state);
        var (number, index, nth) = attempt;
        if (number >= state.Batches.Count || index >= state.Batches[number].Actions.Count)
            return new Hold(HoldKind.Over);
        var action = state.Batches[number].Actions[index];
        if (nth == action.Attempts + 1)
            return new Hold(!state.Ended && action.Phase is ActionPhase.Waiting && action.Spec!.Writes.Contains(key) ? HoldKind.Waiting : HoldKind.Over);
        // An earlier attempt's grants were given back, or left to their time, before the next one was asked for.
        if (nth != action.Attempts || !action.Fencing.Any(f => f.Object == key))
            return new Hold(HoldKind.Over);
        return action.Phase switch
        {
            ActionPhase.Running => new Hold(HoldKind.Running, action.LastStart),
            ActionPhase.Succeeded => new Hold(HoldKind.Wrote),
            _ => new Hold(HoldKind.Abandoned, action.LastStart, action.AbandonedActivation),
        };
    }

    /// <summary>The attempts under way that have grants.</summary>
    /// <param name="state">The orchestration.</param>
    /// <returns>Each attempt with its grants.</returns>
    public static IEnumerable<(AttemptRef Attempt, ImmutableArray<FencingNumber> Grants)> Held(OrchestrationState state) =>
        from running in Decider.RunningAttempts(state)
        where !running.Action.Fencing.IsEmpty
        select (new AttemptRef(running.Batch, running.Index, running.Action.Attempts), running.Action.Fencing);

    /// <summary>Whether the end of a failed attempt's activation is known. Else it may still run, and write.</summary>
    /// <param name="failed">How the attempt ended.</param>
    /// <returns>Whether nothing of it runs any more.</returns>
    public static bool IsOver(AttemptFailed failed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        // The platform's own record has times; without one it counts what the outcome says of the platform.
        return failed.Timing is not null || failed.Outcome is AttemptOutcome.ApplicationError or AttemptOutcome.DeveloperError or AttemptOutcome.Throttled
            or AttemptOutcome.Unavailable or AttemptOutcome.Rejected or AttemptOutcome.InputMissing or AttemptOutcome.Lost;
    }
}
