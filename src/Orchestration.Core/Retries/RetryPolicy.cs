using System.Collections.Immutable;

namespace Orchestration.Core.Retries;

/// <summary>How the delays between attempts grow.</summary>
public enum BackoffKind
{
    /// <summary>The next attempt starts at once.</summary>
    None,

    /// <summary>Every delay is <see cref="RetryPolicy.Initial"/>.</summary>
    Fixed,

    /// <summary>The n-th delay is <c>Initial × Factor^(n-1)</c>, at most <see cref="RetryPolicy.Max"/>.</summary>
    Exponential,
}

/// <summary>Which failed attempts are repeated, how often, and after which delay. Compared by value; stored with its batch.</summary>
public sealed record RetryPolicy
{
    /// <summary>The most retries that may be asked for.</summary>
    public const int MaxRetries = 1000;

    /// <summary>The longest delay or timeout that may be asked for: 365 days. Due times must stay within the calendar.</summary>
    public static TimeSpan MaxDuration { get; } = TimeSpan.FromDays(365);

    /// <summary>3 retries, exponential backoff from 1 s to 30 s with full jitter, every outcome that can be selected.</summary>
    public static RetryPolicy Default { get; } = new();

    /// <summary>How many further attempts follow a failed first one. Default: 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How delays grow. Default: exponential.</summary>
    public BackoffKind Backoff { get; init; } = BackoffKind.Exponential;

    /// <summary>The first delay. Default: 1 s.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What each delay is multiplied by to get the next, at least 1. Default: 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>No delay of an exponential backoff is longer. Default: 30 s.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Full jitter: the delay is drawn evenly between 0 and the computed one, so that many failed actions don't return together. Default: true.</summary>
    public bool Jitter { get; init; } = true;

    /// <summary>How long one attempt may take from its POST on; null for the action's own limit alone.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>How long all attempts together may take from the first one's start on; null for no bound.</summary>
    public TimeSpan? OverallTimeout { get; init; }

    /// <summary>The outcomes that are retried. Default: all of <see cref="AttemptOutcomes.Selectable"/>.</summary>
    public ImmutableArray<AttemptOutcome> RetryOn { get; init; } = [.. AttemptOutcomes.Selectable];

    /// <summary>When not empty, an application error is retried only if its code is one of these.</summary>
    public ImmutableArray<string> RetryCodes { get; init; } = [];

    /// <summary>An application error with one of these codes is never retried.</summary>
    public ImmutableArray<string> NeverRetryCodes { get; init; } = [];

    /// <summary>The delay before a retry. Formula: exponential backoff with full jitter, <c>random × min(Max, Initial × Factor^(n-1))</c>
    /// (source: AWS Architecture Blog, "Exponential Backoff And Jitter").</summary>
    /// <param name="retry">Which retry, from 1 up.</param>
    /// <param name="random">A number in [0, 1) that the caller draws.</param>
    /// <returns>Between zero and <see cref="Max"/>; for a fixed backoff between zero and <see cref="Initial"/>.</returns>
    public TimeSpan DelayBefore(int retry, double random)
    {
        var whole = Backoff switch
        {
            BackoffKind.None => TimeSpan.Zero,
            BackoffKind.Fixed => Initial,
            _ => Grown(retry),
        };
        return Jitter ? whole * random : whole;
    }

    /// <summary>What is wrong with the policy, for the person who wrote it.</summary>
    /// <returns>One sentence per mistake; empty when there is none.</returns>
    public IEnumerable<string> Problems()
    {
        if (Retries is < 0 or > MaxRetries)
            yield return $"retries is {Retries}; it takes 0 to {MaxRetries}.";
        if (Initial < TimeSpan.Zero)
            yield return $"initial is {Initial}; it takes a duration of 0 or more.";
        if (Max < Initial && Backoff == BackoffKind.Exponential)
            yield return $"max is {Max}, less than initial {Initial}; raise max or lower initial.";
        if (!(Factor >= 1) || double.IsInfinity(Factor))
            yield return $"factor is {Factor}; it takes a number of 1 or more.";
        if (AttemptTimeout <= TimeSpan.Zero)
            yield return $"the attempt timeout is {AttemptTimeout}; it takes a duration above 0.";
        if (OverallTimeout <= TimeSpan.Zero)
            yield return $"the overall timeout is {OverallTimeout}; it takes a duration above 0.";
        foreach (var (name, duration) in new[] { ("initial", Initial), ("max", Max), ("the attempt timeout", AttemptTimeout ?? default), ("the overall timeout", OverallTimeout ?? default) })
            if (duration > MaxDuration)
                yield return $"{name} is {duration}; it takes at most {MaxDuration.TotalDays} days.";
        foreach (var outcome in RetryOn.Except(AttemptOutcomes.Selectable))
            yield return $"'{AttemptOutcomes.NameOf(outcome)}' cannot be chosen for retries; choose from {string.Join(", ", AttemptOutcomes.Selectable.Select(AttemptOutcomes.NameOf))}.";
    }

    /// <inheritdoc />
    public bool Equals(RetryPolicy? other) => other is not null
        && (Retries, Backoff, Initial, Factor, Max, Jitter, AttemptTimeout, OverallTimeout)
            == (other.Retries, other.Backoff, other.Initial, other.Factor, other.Max, other.Jitter, other.AttemptTimeout, other.OverallTimeout)
        && RetryOn.SequenceEqual(other.RetryOn) && RetryCodes.SequenceEqual(other.RetryCodes) && NeverRetryCodes.SequenceEqual(other.NeverRetryCodes);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Retries, Backoff, Initial, Factor, Max, Jitter, AttemptTimeout, OverallTimeout);

    private TimeSpan Grown(int retry)
    {
        // The power may be infinite, and zero times that is no number.
        var seconds = Initial == TimeSpan.Zero ? 0 : Initial.TotalSeconds * Math.Pow(Factor, retry - 1);
        return seconds >= Max.TotalSeconds ? Max : TimeSpan.FromSeconds(seconds);
    }
}
