namespace Orchestration.Core.Scheduling;

/// <summary>
/// Keeps invocations under the platform's limit per minute by the platform's own rule (source: OpenWhisk's <c>RateThrottler</c>): the window is a clock minute, and what is rejected counts as well.
/// The limit is told or learnt; without one nothing is held back. Immutable; time and random numbers enter with the calls.
/// </summary>
public sealed record RateBudget
{
    // Above that no limit can be felt, and some platforms say "none" by a large number.
    private const int Endless = 1_000_000;

    // A limit that is learnt without a number in the refusal may come from a minute that others had used up: it does not go below.
    private const int LeastLearnt = 10;

    private const int CleanMinutesBeforeMore = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(2);

    /// <summary>How far this machine's clock and the platform's may be apart: what is sent so near to a minute's turn counts for both minutes. Default: 1 s.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The limit that the platform tells; null when it tells none.</summary>
    public int? Told { get; private init; }

    /// <summary>How many invocations a minute are sent at most; null for no bound. Less than <see cref="Told"/> while others use the namespace too.</summary>
    public int? Allowance { get; private init; }

    private int Sent { get; init; }

    private DateTimeOffset Current { get; init; }

    private DateTimeOffset? First { get; init; }

    private int SentBefore { get; init; }

    private int SentAhead { get; init; }

    private int Rejected { get; init; }

    private int CleanMinutes { get; init; }

    private DateTimeOffset BlockedUntil { get; init; }

    /// <summary>Takes in what the platform tells.</summary>
    /// <param name="perMinute">The limit; null when it tells none.</param>
    /// <returns>The budget.</returns>
    public RateBudget Tell(int? perMinute) => perMinute is null or >= Endless ? this : this with { Told = Math.Max(1, perMinute.Value), Allowance = Math.Max(1, perMinute.Value) };

    /// <summary>How many more may be started now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="unstarted">How many were allowed before and are still to be sent.</param>
    /// <returns>0 or more; <see cref="int.MaxValue"/> without a bound.</returns>
    public int Room(DateTimeOffset now, int unstarted)
    {
        var at = At(now);
        if (at.Allowance is not { } most)
            return int.MaxValue;
        if (now < at.BlockedUntil)
            return 0;
        var used = now - at.Current < Tolerance ? Math.Max(at.Sent, at.SentBefore) : at.Sent;
        return Math.Max(0, most - used - unstarted);
    }

    /// <summary>How many were sent in a minute.</summary>
    /// <param name="now">A time in it.</param>
    /// <returns>The number.</returns>
    public int SentIn(DateTimeOffset now) => At(now).Sent;

    /// <summary>When there is room again; meaningful while there is none.</summary>
    /// <param name="now">The time.</param>
    /// <returns>A time behind <paramref name="now"/>.</returns>
    public DateTimeOffset RoomAt(DateTimeOffset now)
    {
        var at = At(now);
        var (turn, next) = (at.Current + Tolerance, at.Current + Minute);
        if (at.BlockedUntil > now)
            return at.BlockedUntil;
        // At the start of a minute the one before may be what there is no room in.
        return now < turn && at.Sent < at.Allowance ? turn : next;
    }

    /// <summary>Invocations are sent.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    /// <returns>The budget.</returns>
    public RateBudget Start(int count, DateTimeOffset now)
    {
        var at = At(now);
        return at with
        {
            First = at.First ?? at.Current,
            Sent = at.Sent + count,
            SentBefore = now - at.Current < Tolerance ? at.SentBefore + count : at.SentBefore,
            SentAhead = at.Current + Minute - now <= Tolerance ? at.SentAhead + count : at.SentAhead,
        };
    }

    /// <summary>The platform refused one because of the limit: the minute is used up, and the next one begins a little later for us than by the clock.</summary>
    /// <param name="allowed">The limit, where the refusal names it.</param>
    /// <param name="sentAt">When it was sent.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A number in [0, 1).</param>
    /// <returns>The budget.</returns>
    public RateBudget Refuse(int? allowed, DateTimeOffset sentAt, DateTimeOffset now, double random)
    {
        var told = allowed is { } named ? Math.Max(1, named) : Told;
        var at = At(now) with { Told = told };
        var passed = MinuteOf(sentAt) < at.Current;
        if (passed && at.Allowance is not null)
            return at;
        var accepted = (passed ? at.SentBefore : at.Sent) - at.Rejected - 1;
        // Others may have used up the minute in which this process began; a later one tells what is left for it.
        var whole = at.First < at.Current;
        return at with
        {
            Rejected = at.Rejected + 1,
            Allowance = told switch
            {
                null => Math.Max(LeastLearnt, accepted),
                { } limit when whole => Math.Clamp(accepted, Math.Max(1, limit / 10), limit),
                { } limit => limit,
            },
            CleanMinutes = 0,
            BlockedUntil = passed || at.BlockedUntil > now ? at.BlockedUntil : at.Current + Minute + Tolerance + Jitter * random,
        };
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private RateBudget At(DateTimeOffset now)
    {
        var minute = MinuteOf(now);
        if (minute <= Current)
            return this;
        var follows = minute == Current + Minute;
        return Grown() with
        {
            Current = minute,
            SentBefore = follows ? Sent : 0,
            Sent = follows ? SentAhead : 0,
            SentAhead = 0,
            Rejected = 0,
        };
    }

    /// <summary>A minute was used up and nothing was refused: a bound below the told one rises at once, a guessed one now and then.</summary>
    private RateBudget Grown()
    {
        if (Allowance is not { } most || Allowance == Told || Rejected > 0 || Sent < most)
            return this;
        var step = Math.Max(1, (Told ?? most) / 10);
        if (Told is { } limit)
            return this with { Allowance = Math.Min(limit, most + step) };
        return CleanMinutes + 1 < CleanMinutesBeforeMore ? this with { CleanMinutes = CleanMinutes + 1 } : this with { CleanMinutes = 0, Allowance = most + step };
    }
}
