using System.Collections.Immutable;
using Orchestration.Core.Ports;

namespace Orchestration.Core.Scheduling;

/// <summary>
/// Decides when a namespace's invocations may start: slots shared fairly, under the window of activations in flight, the budget per clock minute, and a breaker for a platform that
/// does not answer. A slot is free again only when its activation has ended. Immutable; time and random numbers enter with the calls.
/// </summary>
/// <typeparam name="THolder">What names a holder of slots (an orchestration).</typeparam>
public sealed record NamespacePacer<THolder>
    where THolder : notnull
{
    /// <summary>Makes a pacer that knows no limits of the platform yet.</summary>
    /// <param name="maxInFlight">At most so many activations in flight, 1 or more.</param>
    /// <param name="maxWaiting">How many holders may wait at once.</param>
    /// <param name="clockTolerance">How far this machine's clock and the platform's may be apart.</param>
    public NamespacePacer(int maxInFlight, int maxWaiting, TimeSpan clockTolerance)
    {
        Slots = new SlotLedger<THolder> { Capacity = maxInFlight, MaxWaiting = maxWaiting };
        Rate = new RateBudget { Tolerance = clockTolerance };
        Window = ConcurrencyWindow.Of(maxInFlight);
    }

    private SlotLedger<THolder> Slots { get; init; }

    private RateBudget Rate { get; init; }

    private ConcurrencyWindow Window { get; init; }

    private CircuitBreaker Breaker { get; init; } = CircuitBreaker.Closed;

    /// <summary>How many holders wait for slots.</summary>
    public int Waiting => Slots.Waiting;

    /// <summary>Whether every start must be asked for: then no holder may use a slot again by itself.</summary>
    public bool CountsEachStart => Rate.Allowance is not null || Breaker.OpenUntil is not null || Slots.InUse > Window.Size;

    /// <summary>Every holder that has slots or waits for some.</summary>
    public IEnumerable<THolder> Holders => Slots.Holders;

    /// <summary>Whether a holder must give slots back when an activation ends.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>True when others wait, or every start must be asked for.</returns>
    public bool ContendedFor(THolder holder) => CountsEachStart || Slots.ContendedFor(holder);

    /// <summary>Takes in the limits that the platform tells.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>The pacer.</returns>
    public NamespacePacer<THolder> Tell(NamespaceLimits limits) => this with { Rate = Rate.Tell(limits.PerMinute), Window = Window.Tell(limits.Concurrent) };

    /// <inheritdoc cref="SlotLedger{THolder}.Want"/>
    public (NamespacePacer<THolder> Pacer, bool Taken) Want(THolder holder, int wanted)
    {
        var (slots, taken) = Slots.Want(holder, wanted);
        return (this with { Slots = slots }, taken);
    }

    /// <inheritdoc cref="SlotLedger{THolder}.Release"/>
    public NamespacePacer<THolder> Release(THolder holder, int count, int unstarted) => this with { Slots = Slots.Release(holder, count, unstarted) };

    /// <inheritdoc cref="SlotLedger{THolder}.Occupy"/>
    public NamespacePacer<THolder> Occupy(THolder holder, int count) => this with { Slots = Slots.Occupy(holder, count) };

    /// <inheritdoc cref="SlotLedger{THolder}.Forget"/>
    public NamespacePacer<THolder> Forget(THolder holder) => this with { Slots = Slots.Forget(holder) };

    /// <summary>A holder sends invocations.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    /// <returns>The pacer.</returns>
    public NamespacePacer<THolder> Start(THolder holder, int count, DateTimeOffset now) => this with { Slots = Slots.Start(holder, count), Rate = Rate.Start(count, now) };

    /// <summary>The platform answered invocations.</summary>
    /// <param name="count">How many.</param>
    /// <param name="sentAt">When the latest of them was sent.</param>
    /// <param name="now">The time.</param>
    /// <returns>The pacer.</returns>
    public NamespacePacer<THolder> Answer(int count, DateTimeOffset sentAt, DateTimeOffset now) =>
        this with { Breaker = Breaker.Answer(sentAt), Window = Window.Answer(count, now) };

    /// <summary>The platform turned an invocation away; its slot is free.</summary>
    /// <param name="holder">Whose invocation.</param>
    /// <param name="pushback">How.</param>
    /// <param name="sentAt">When it was sent.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A number in [0, 1).</param>
    /// <returns>The pacer.</returns>
    public NamespacePacer<THolder> TurnAway(THolder holder, Pushback pushback, DateTimeOffset sentAt, DateTimeOffset now, double random)
    {
        var without = this with { Slots = Slots.Release(holder, 1) };
        if (pushback.Kind == PushbackKind.Unavailable)
            return without with { Breaker = Breaker.Fail(sentAt, now, random) };
        without = without with { Breaker = Breaker.Answer(sentAt) };
        var inFlight = without.Slots.InUse;
        // One alone in flight is not too many: what does not say which limit it means is the one per minute then.
        if (pushback.Kind == PushbackKind.PerMinute || (pushback.Kind == PushbackKind.Unspecified && Window.Size == 1 && inFlight == 0))
            return without with { Rate = Rate.Refuse(pushback.Allowed, sentAt, now, random), Window = Window.Discount(inFlight, sentAt) };
        return without with { Window = Window.Refuse(pushback.Allowed, inFlight, sentAt, now) };
    }

    /// <summary>Hands out what may start now, one slot at a time in turn.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The pacer, and how many slots each holder gets.</returns>
    public (NamespacePacer<THolder> Pacer, ImmutableDictionary<THolder, int> Granted) Grant(DateTimeOffset now)
    {
        if (Slots.Waiting == 0)
            return (this, ImmutableDictionary<THolder, int>.Empty);
        var most = Math.Min(Rate.Room(now, Slots.Unstarted), Breaker.Room(now));
        var (slots, granted) = (Slots with { Capacity = Window.Size }).Grant(most);
        return (this with { Slots = slots, Breaker = granted.IsEmpty ? Breaker : Breaker.Try(now) }, granted);
    }

    /// <summary>When to try <see cref="Grant"/> again although nothing has happened.</summary>
    /// <param name="now">The time.</param>
    /// <returns>A time; null when only an event makes room.</returns>
    public DateTimeOffset? NextGrant(DateTimeOffset now) => Slots.Waiting == 0 ? null : Look(now).Until;

    /// <summary>What holds invocations back.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The answer for people and metrics.</returns>
    public PacingSnapshot Look(DateTimeOffset now)
    {
        var (bound, until) = Slots.Waiting == 0 ? (PacingBound.None, (DateTimeOffset?)null)
            : Breaker.OpenUntil is { } open && Breaker.Room(now) == 0 ? (PacingBound.Unavailable, open)
            : Rate.Room(now, Slots.Unstarted) == 0 ? (PacingBound.PerMinute, Rate.RoomAt(now))
            : Slots.InUse >= Window.Size ? (PacingBound.Concurrency, null)
            : (PacingBound.None, null);
        return new PacingSnapshot(bound, until, Slots.InUse, Window.Size, Slots.Waiting, Rate.Allowance, Rate.SentIn(now));
    }
}
