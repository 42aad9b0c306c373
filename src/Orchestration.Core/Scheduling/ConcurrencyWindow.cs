namespace Orchestration.Core.Scheduling;

/// <summary>
/// How many activations may be in flight: at most what is set and what the platform tells, less after refusals, more again with success (additive increase, multiplicative decrease,
/// as in TCP's congestion avoidance, RFC 5681). The platform frees its slots a little later than its answers come, so its own number can be too many. Immutable.
/// </summary>
public sealed record ConcurrencyWindow
{
    private const double Cut = 0.75;
    private static readonly TimeSpan BetweenRaises = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BeforeProbing = TimeSpan.FromMinutes(10);

    private ConcurrencyWindow(int most) => (Most, Ceiling, Size) = (most, most, most);

    /// <summary>What is set.</summary>
    public int Most { get; }

    /// <summary>The window grows up to that: what is set, told or learnt.</summary>
    public int Ceiling { get; private init; }

    /// <summary>How many may be in flight now, 1 or more.</summary>
    public int Size { get; private init; }

    private bool IsTold { get; init; }

    private int Answers { get; init; }

    private DateTimeOffset ChangedAt { get; init; }

    private bool IsCut { get; init; }

    /// <summary>A window that is open as far as the setting allows.</summary>
    /// <param name="most">At most so many, 1 or more.</param>
    /// <returns>The window.</returns>
    public static ConcurrencyWindow Of(int most) => new(Math.Max(1, most));

    /// <summary>Takes in what the platform tells.</summary>
    /// <param name="concurrent">The limit; null when it tells none.</param>
    /// <returns>The window.</returns>
    public ConcurrencyWindow Tell(int? concurrent)
    {
        if (concurrent is not { } limit)
            return this;
        var ceiling = Math.Clamp(limit, 1, Most);
        return this with { IsTold = true, Ceiling = ceiling, Size = ceiling };
    }

    /// <summary>The platform refused an activation because too many were in flight.</summary>
    /// <param name="allowed">The limit, where the refusal names it.</param>
    /// <param name="inFlight">How many slots are out without the refused one.</param>
    /// <param name="sentAt">When it was sent: refusals of what was sent before the last cut belong to that.</param>
    /// <param name="now">The time.</param>
    /// <returns>The window.</returns>
    public ConcurrencyWindow Refuse(int? allowed, int inFlight, DateTimeOffset sentAt, DateTimeOffset now)
    {
        var window = allowed is { } limit ? this with { IsTold = true, Ceiling = Math.Clamp(limit, 1, Most) } : this;
        if (sentAt < ChangedAt && IsCut)
            return window.Bounded(inFlight);
        var over = inFlight >= window.Ceiling;
        window = window with
        {
            Size = over ? Math.Min(Size, window.Ceiling) : Math.Max(1, (int)(Math.Min(Size, inFlight + 1) * Cut)),
            Answers = 0,
            ChangedAt = now,
            IsCut = true,
        };
        return window.Bounded(inFlight);
    }

    /// <summary>The platform refused an activation for another reason: one less was in flight at the last cut than it seemed.</summary>
    /// <param name="inFlight">How many slots are out without the refused one.</param>
    /// <param name="sentAt">When it was sent.</param>
    /// <returns>The window.</returns>
    public ConcurrencyWindow Discount(int inFlight, DateTimeOffset sentAt) => sentAt < ChangedAt && IsCut ? Bounded(inFlight) : this;

    /// <summary>The platform answered activations in full.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    /// <returns>The window, one larger after as many answers as it is large, and not more often than every five seconds.</returns>
    public ConcurrencyWindow Answer(int count, DateTimeOffset now)
    {
        if (Size >= Most || (Size >= Ceiling && IsTold))
            return this;
        var answers = Answers + count;
        var pause = Size < Ceiling ? BetweenRaises : BeforeProbing;
        return answers < Size || now - ChangedAt < pause
            ? this with { Answers = answers }
            : this with { Size = Size + 1, Ceiling = Math.Max(Ceiling, Size + 1), Answers = 0, ChangedAt = now, IsCut = false };
    }

    /// <summary>Nobody told the limit: what was not refused is one.</summary>
    private ConcurrencyWindow Bounded(int accepted)
    {
        var ceiling = IsTold ? Ceiling : Math.Clamp(accepted, 1, Ceiling);
        return this with { Ceiling = ceiling, Size = Math.Min(Size, ceiling) };
    }
}
