using System.Collections.Immutable;
using Orchestration.Core.Identity;

namespace Orchestration.Core.Recovery;

/// <summary>
/// Which orchestration may run a producer again, of all orchestrations of a system: one at a time per producer. The others wait in the order in which they came; when
/// it has run they share what it made, and when it has not, the next of them takes over. An orchestration asks when nothing else keeps a re-run from starting, or when only
/// re-runs do for which it has the turn, and leaves when it must wait for something itself: what is held waits for nobody else, so orchestrations cannot wait for each other in a circle.
/// </summary>
/// <param name="Holders">Who may run which producer. This part is stored, as changes (<see cref="RerunChange"/>).</param>
/// <param name="Waiting">Who waits for which producer, in order. Not stored: orchestrations ask again every now and then.</param>
public sealed record RerunLedger(ImmutableDictionary<ActionId, OrchestrationId> Holders, ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>> Waiting)
{
    /// <summary>Nobody runs anything again.</summary>
    public static RerunLedger Empty { get; } = new(ImmutableDictionary<ActionId, OrchestrationId>.Empty, ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>>.Empty);

    /// <summary>Applies a stored change.</summary>
    /// <param name="change">What happened.</param>
    /// <returns>The ledger after it.</returns>
    public RerunLedger Apply(RerunChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var holders = Holders.ToBuilder();
        foreach (var (producer, holder) in change.Turns)
        {
            if (holder is { } by)
                holders[producer] = by;
            else
                holders.Remove(producer);
        }

        return this with { Holders = holders.ToImmutable() };
    }

    /// <summary>An orchestration asks for its turn; asking twice is asking once.</summary>
    /// <param name="by">Who asks.</param>
    /// <param name="producers">What it wants to run again.</param>
    /// <returns>The ledger after it, what to store, and whose turn it is.</returns>
    public RerunStep Claim(OrchestrationId by, ImmutableArray<ActionId> producers)
    {
        var turns = ImmutableArray.CreateBuilder<RerunTurn>();
        var granted = ImmutableArray.CreateBuilder<RerunNews>();
        var waiting = Waiting;
        foreach (var producer in producers)
        {
            if (!Holders.TryGetValue(producer, out var holder))
                turns.Add(new RerunTurn(producer, by));
            else if (holder != by)
                waiting = Add(waiting, producer, by);
            if (holder == by || holder == default)
                granted.Add(new RerunNews(by, producer, null));
        }

        return Step(this with { Waiting = waiting }, turns, granted);
    }

    /// <summary>
    /// An orchestration asks for turns before it can use them, so that a chain of re-runs need not ask before each. It gets those that nobody has and that wait for
    /// nothing but what it has the turn for; for the others it does not wait.
    /// </summary>
    /// <param name="by">Who asks.</param>
    /// <param name="claims">What it wants, each behind what it waits for.</param>
    /// <returns>The ledger after it, what to store, and whose turn it is.</returns>
    public RerunStep ClaimAhead(OrchestrationId by, ImmutableArray<RerunAhead> claims)
    {
        var turns = ImmutableArray.CreateBuilder<RerunTurn>();
        var granted = ImmutableArray.CreateBuilder<RerunNews>();
        var held = new HashSet<ActionId>();
        foreach (var (producer, after) in claims)
        {
            var isHeld = Holders.TryGetValue(producer, out var holder);
            if ((isHeld && holder != by) || !after.All(a => held.Contains(a) || (Holders.TryGetValue(a, out var other) && other == by)))
                continue;
            held.Add(producer);
            granted.Add(new RerunNews(by, producer, null));
            if (!isHeld)
                turns.Add(new RerunTurn(producer, by));
        }

        return Step(this, turns, granted);
    }

    /// <summary>An orchestration no longer runs or waits for producers.</summary>
    /// <param name="by">Which orchestration.</param>
    /// <param name="producers">Which producers.</param>
    /// <param name="made">Whether it ran them and they succeeded: then those who wait have what they wait for. Otherwise it is the next one's turn.</param>
    /// <returns>The ledger after it, what to store, and whom to tell.</returns>
    public RerunStep Leave(OrchestrationId by, ImmutableArray<ActionId> producers, bool made)
    {
        var turns = ImmutableArray.CreateBuilder<RerunTurn>();
        var news = ImmutableArray.CreateBuilder<RerunNews>();
        var waiting = Waiting;
        foreach (var producer in producers)
        {
            var queue = waiting.GetValueOrDefault(producer, []);
            if (!Holders.TryGetValue(producer, out var holder) || holder != by)
            {
                waiting = Set(waiting, producer, queue.Remove(by));
            }
            else if (made || queue.IsEmpty)
            {
                turns.Add(new RerunTurn(producer, null));
                news.AddRange(queue.Select(w => new RerunNews(w, producer, by)));
                waiting = waiting.Remove(producer);
            }
            else
            {
                turns.Add(new RerunTurn(producer, queue[0]));
                news.Add(new RerunNews(queue[0], producer, null));
                waiting = Set(waiting, producer, queue.RemoveAt(0));
            }
        }

        return Step(this with { Waiting = waiting }, turns, news);
    }

    /// <summary>An orchestration is not there any more, and will not come back for what it held.</summary>
    /// <param name="gone">Which orchestration.</param>
    /// <returns>The ledger after it, what to store, and whom to tell.</returns>
    public RerunStep Forget(OrchestrationId gone) => StopWaiting(gone).Leave(gone, [.. Holders.Where(h => h.Value == gone).Select(h => h.Key)], made: false);

    /// <summary>An orchestration is not there at the moment; what it holds is kept for it.</summary>
    /// <param name="away">Which orchestration.</param>
    /// <returns>The ledger after it.</returns>
    public RerunLedger StopWaiting(OrchestrationId away)
    {
        var waiting = Waiting;
        foreach (var (producer, queue) in Waiting)
            if (queue.Contains(away))
                waiting = Set(waiting, producer, queue.Remove(away));
        return this with { Waiting = waiting };
    }

    private static RerunStep Step(RerunLedger ledger, ImmutableArray<RerunTurn>.Builder turns, ImmutableArray<RerunNews>.Builder news)
    {
        if (turns.Count == 0)
            return new RerunStep(ledger, null, news.ToImmutable());
        var change = new RerunChange(turns.ToImmutable());
        return new RerunStep(ledger.Apply(change), change, news.ToImmutable());
    }

    private static ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>> Add(ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>> waiting, ActionId producer, OrchestrationId by)
    {
        var queue = waiting.GetValueOrDefault(producer, []);
        return queue.Contains(by) ? waiting : waiting.SetItem(producer, queue.Add(by));
    }

    private static ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>> Set(
        ImmutableDictionary<ActionId, ImmutableList<OrchestrationId>> waiting, ActionId producer, ImmutableList<OrchestrationId> queue) =>
        queue.IsEmpty ? waiting.Remove(producer) : waiting.SetItem(producer, queue);
}

/// <summary>A turn that is asked for ahead of time.</summary>
/// <param name="Producer">The producer.</param>
/// <param name="After">What it still waits for.</param>
public readonly record struct RerunAhead(ActionId Producer, ImmutableArray<ActionId> After);

/// <summary>Whose turn it is to run a producer again.</summary>
/// <param name="Producer">The producer.</param>
/// <param name="Holder">The orchestration; null: nobody's.</param>
public readonly record struct RerunTurn(ActionId Producer, OrchestrationId? Holder);

/// <summary>A change of turns, stored before anybody is told.</summary>
/// <param name="Turns">The turns that changed.</param>
public sealed record RerunChange(ImmutableArray<RerunTurn> Turns)
{
    /// <inheritdoc />
    public bool Equals(RerunChange? other) => other is not null && Turns.SequenceEqual(other.Turns);

    /// <inheritdoc />
    public override int GetHashCode() => Turns.Length;
}

/// <summary>What an orchestration is told about a producer that it asked for.</summary>
/// <param name="To">The orchestration.</param>
/// <param name="Producer">The producer.</param>
/// <param name="MadeBy">Who ran it meanwhile, so that it need not run again; null: it is the orchestration's turn.</param>
public readonly record struct RerunNews(OrchestrationId To, ActionId Producer, OrchestrationId? MadeBy);

/// <summary>What follows from a request.</summary>
/// <param name="Ledger">The ledger after it.</param>
/// <param name="Change">What to store first; null when nothing.</param>
/// <param name="News">Whom to tell what, once that is stored.</param>
public sealed record RerunStep(RerunLedger Ledger, RerunChange? Change, ImmutableArray<RerunNews> News);
