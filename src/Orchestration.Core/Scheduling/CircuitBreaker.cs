namespace Orchestration.Core.Scheduling;

/// <summary>
/// Keeps a platform that does not answer from being hammered: after several failures in a row nothing is sent for a while, then one invocation tries; the while doubles until
/// one is answered. Immutable; time and random numbers enter with the calls.
/// </summary>
public sealed record CircuitBreaker
{
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // A trial that nobody tells the end of, such as one whose orchestrator was stopped, does not hold up the next one for longer.
    private static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(60);

    /// <summary>Everything passes.</summary>
    public static CircuitBreaker Closed { get; } = new();

    /// <summary>Until when nothing is sent; null while it is closed.</summary>
    public DateTimeOffset? OpenUntil { get; private init; }

    private int Failures { get; init; }

    private int Pauses { get; init; }

    private DateTimeOffset? TrialAt { get; init; }

    /// <summary>How many invocations may be sent.</summary>
    /// <param name="now">The time.</param>
    /// <returns><see cref="int.MaxValue"/> while it is closed, else 0 or 1.</returns>
    public int Room(DateTimeOffset now) => OpenUntil is not { } until ? int.MaxValue : now < until ? 0 : 1;

    /// <summary>An invocation is about to be sent; while the breaker is open it is the trial.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The breaker.</returns>
    public CircuitBreaker Try(DateTimeOffset now) => OpenUntil is null ? this : this with { TrialAt = now, OpenUntil = now + TrialPatience };

    /// <summary>The platform could not be reached, or said that it is not available.</summary>
    /// <param name="sentAt">When the request was sent: what was sent before the trial says nothing new.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A number in [0, 1).</param>
    /// <returns>The breaker.</returns>
    public CircuitBreaker Fail(DateTimeOffset sentAt, DateTimeOffset now, double random)
    {
        if (OpenUntil is not null)
            return TrialAt is { } trial && sentAt >= trial ? Opened(now, random) : this;
        return Failures + 1 < FailuresToOpen ? this with { Failures = Failures + 1 } : Opened(now, random);
    }

    /// <summary>The platform answered.</summary>
    /// <param name="sentAt">When the latest request that it answered was sent: while it is open, only the trial's answer counts.</param>
    /// <returns>A closed breaker.</returns>
    public CircuitBreaker Answer(DateTimeOffset sentAt)
    {
        if (OpenUntil is null)
            return Failures == 0 ? this : Closed;
        return TrialAt is { } trial && sentAt >= trial ? Closed : this;
    }

    private CircuitBreaker Opened(DateTimeOffset now, double random)
    {
        var whole = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(Pauses, 10)));
        // At least half of the pause, so that several processes do not return together and none returns at once.
        return this with { OpenUntil = now + whole * (0.5 + random / 2), Pauses = Pauses + 1, TrialAt = null, Failures = 0 };
    }
}
