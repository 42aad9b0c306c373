namespace Orchestration.Core.Awaiting;

/// <summary>When to look at an activation that goes on after its 202.</summary>
/// <param name="Initial">The first interval.</param>
/// <param name="Max">The greatest interval.</param>
/// <param name="Factor">By how much an interval is longer than the one before where nothing is known of the action; at least 1.</param>
public sealed record LookSchedule(TimeSpan Initial, TimeSpan Max, double Factor)
{
    // An end is seen at most a twentieth of the usual duration late, and no more than 20 looks fall into it.
    private const int LooksPerDuration = 20;

    // After nine in ten have ended, so that the last look of an ordinary activation is not one too early.
    private const double BeyondUsual = 1.1;

    /// <summary>The most that activations awaited at once may put a look off, so that few requests serve many of them.</summary>
    public static readonly TimeSpan LongestGathering = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    /// <summary>How long to wait for the next look.</summary>
    /// <param name="elapsed">Since the activation was invoked.</param>
    /// <param name="previous">The interval before; null at the first look.</param>
    /// <param name="usual">How long the action usually takes; null when nothing is known.</param>
    /// <returns>The interval, from 50 ms (or <see cref="Initial"/> where that is shorter) to <see cref="Max"/>.</returns>
    public TimeSpan Next(TimeSpan elapsed, TimeSpan? previous, UsualDuration? usual)
    {
        if (usual is { } known && elapsed < known.High * BeyondUsual)
        {
            // Before it usually ends there is nothing to see, but for an early failure.
            var step = known.Low / LooksPerDuration;
            return Bounded(elapsed + step < known.Low ? known.Low - elapsed : step);
        }

        var grown = previous is { } last ? TimeSpan.FromTicks((long)Math.Min(last.Ticks * Math.Max(1, Factor), Max.Ticks)) : Initial;
        return grown > Max ? Max : grown;
    }

    /// <summary>How long looks are gathered before they are sent together.</summary>
    /// <param name="awaited">How many activations are awaited at once.</param>
    /// <returns>Nothing for a few, a millisecond for each of many, at most <see cref="LongestGathering"/>.</returns>
    public static TimeSpan Gathering(int awaited)
    {
        const int few = 10;
        return awaited <= few ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(awaited, LongestGathering.TotalMilliseconds));
    }

    private TimeSpan Bounded(TimeSpan interval)
    {
        var least = Shortest < Initial ? Shortest : Initial;
        return interval > Max ? Max : interval < least ? least : interval;
    }
}
