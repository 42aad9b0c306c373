using Orchestration.Core.State;

namespace Orchestration.Core.Retries;

/// <summary>What follows a failed attempt: the policy for what an action can be blamed for, fixed rules for the rest.</summary>
public static class RetryRules
{
    /// <summary>How often the platform may turn one action away before it has failed.</summary>
    public const int MaxPushbacks = 1000;

    /// <summary>How often the actor of one action may fail unexpectedly before the action has failed.</summary>
    public const int MaxCrashes = 5;

    /// <summary>How delays grow while the platform turns an action away: 1 s doubling up to 30 s, with full jitter.</summary>
    public static RetryPolicy Pushback { get; } = new();

    /// <summary>Decides about the next attempt.</summary>
    /// <param name="policy">The action's policy.</param>
    /// <param name="action">The action, its attempt still running.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="failure">Why.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A number in [0, 1).</param>
    /// <param name="deadline">When the time of the action's batch is up; null for no bound.</param>
    /// <returns>When the next attempt is due (null: never) and whether it uses up a retry.</returns>
    public static (DateTimeOffset? RetryAt, bool UsesRetry) Next(RetryPolicy policy, ActionState action, AttemptOutcome outcome, Failure failure, DateTimeOffset now, double random, DateTimeOffset? deadline = null)
    {
        var (delay, uses) = outcome switch
        {
            AttemptOutcome.Throttled or AttemptOutcome.Unavailable when action.Pushbacks < MaxPushbacks =>
                (Pushback.DelayBefore(action.Pushbacks + 1, random), false),
            AttemptOutcome.Interrupted => (TimeSpan.Zero, false),
            AttemptOutcome.Crashed when action.Crashes < MaxCrashes => (TimeSpan.Zero, false),
            _ when Retried(policy, action, outcome, failure) => (policy.DelayBefore(action.RetriesUsed + 1, random), true),
            _ => ((TimeSpan?)null, false),
        };
        if (delay is not { } wait)
            return (null, false);
        var due = now + wait;
        return due >= action.FirstStart!.Value + policy.OverallTimeout || due >= deadline ? (null, false) : (due, uses);
    }

    private static bool Retried(RetryPolicy policy, ActionState action, AttemptOutcome outcome, Failure failure)
    {
        if (!AttemptOutcomes.Selectable.Contains(outcome) || !policy.RetryOn.Contains(outcome) || action.RetriesUsed >= policy.Retries)
            return false;
        if (outcome != AttemptOutcome.ApplicationError)
            return true;
        return failure.Code is { } code
            ? !policy.NeverRetryCodes.Contains(code) && (policy.RetryCodes.IsEmpty || policy.RetryCodes.Contains(code))
            : policy.RetryCodes.IsEmpty;
    }
}
