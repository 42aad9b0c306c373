using System.Collections.Immutable;

namespace Orchestration.Core.Scheduling;

/// <summary>
/// Shares a namespace's slots between holders (orchestrations): at most <see cref="Capacity"/> are out, and free ones go round-robin to
/// those who want more, so that one huge fan-out does not starve a small pipeline. Immutable.
/// </summary>
/// <typeparam name="THolder">What names a holder.</typeparam>
public sealed record SlotLedger<THolder>
    where THolder : notnull
{
    private ImmutableDictionary<THolder, Account> Accounts { get; init; } = ImmutableDictionary<THolder, Account>.Empty;

    private ImmutableQueue<THolder> Turns { get; init; } = [];

    /// <summary>How many slots there are.</summary>
    public required int Capacity { get; init; }

    /// <summary>How many holders may wait at once.</summary>
    public required int MaxWaiting { get; init; }

    /// <summary>How many slots are out; more than the capacity only after <see cref="Occupy"/>.</summary>
    public int InUse { get; private init; }

    /// <summary>How many of the slots that were handed out have not been started with.</summary>
    public int Unstarted { get; private init; }

    /// <summary>How many holders wait for slots.</summary>
    public int Waiting { get; private init; }

    /// <summary>Whether somebody else waits for slots.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>False when nobody waits, or the holder alone.</returns>
    public bool ContendedFor(THolder holder) => Waiting > (Of(holder).Wanted > 0 ? 1 : 0);

    /// <summary>Every holder that has slots or waits for some.</summary>
    public IEnumerable<THolder> Holders => Accounts.Where(a => a.Value.Held > 0 || a.Value.Wanted > 0).Select(a => a.Key);

    /// <summary>Sets how many slots a holder wants beyond those it has.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="wanted">How many more, 0 to stop waiting.</param>
    /// <returns>The ledger, and whether the wish was taken: false when too many wait already.</returns>
    public (SlotLedger<THolder> Ledger, bool Taken) Want(THolder holder, int wanted)
    {
        var account = Of(holder);
        if (wanted > 0 && account.Wanted == 0 && Waiting >= MaxWaiting)
            return (this, false);
        var waiting = Waiting + (wanted > 0 ? 1 : 0) - (account.Wanted > 0 ? 1 : 0);
        var turn = wanted > 0 && !account.InTurns;
        return (With(holder, account with { Wanted = wanted, InTurns = account.InTurns || turn }) with
        {
            Waiting = waiting,
            Turns = turn ? Turns.Enqueue(holder) : Turns,
        }, true);
    }

    /// <summary>Gives slots back.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="count">How many; more than it has counts as all.</param>
    /// <param name="unstarted">How many of them it did not start anything with.</param>
    /// <returns>The ledger.</returns>
    public SlotLedger<THolder> Release(THolder holder, int count, int unstarted = 0)
    {
        var account = Of(holder);
        var given = Math.Min(count, account.Held);
        var held = account.Held - given;
        var left = Math.Min(held, Math.Max(0, account.Unstarted - unstarted));
        return With(holder, account with { Held = held, Unstarted = left }) with { InUse = InUse - given, Unstarted = Unstarted - account.Unstarted + left };
    }

    /// <summary>A holder starts something with slots that it was handed.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="count">How many; more than it was handed means slots that it uses again.</param>
    /// <returns>The ledger.</returns>
    public SlotLedger<THolder> Start(THolder holder, int count)
    {
        var account = Of(holder);
        var left = Math.Max(0, account.Unstarted - count);
        return left == account.Unstarted ? this : With(holder, account with { Unstarted = left }) with { Unstarted = Unstarted - account.Unstarted + left };
    }

    /// <summary>Counts activations that run already, such as those awaited after a restart, even beyond the capacity.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="count">How many.</param>
    /// <returns>The ledger.</returns>
    public SlotLedger<THolder> Occupy(THolder holder, int count)
    {
        var account = Of(holder);
        return With(holder, account with { Held = account.Held + count }) with { InUse = InUse + count };
    }

    /// <summary>Forgets a holder, its slots and its wish.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>The ledger.</returns>
    public SlotLedger<THolder> Forget(THolder holder)
    {
        var account = Of(holder);
        return this with
        {
            Accounts = Accounts.Remove(holder),
            Turns = account.InTurns ? [.. Turns.Where(t => !t.Equals(holder))] : Turns,
            InUse = InUse - account.Held,
            Unstarted = Unstarted - account.Unstarted,
            Waiting = Waiting - (account.Wanted > 0 ? 1 : 0),
        };
    }

    /// <summary>Hands out free slots, one at a time in turn.</summary>
    /// <param name="most">At most so many, even if more are free.</param>
    /// <returns>The ledger, and how many slots each holder gets.</returns>
    public (SlotLedger<THolder> Ledger, ImmutableDictionary<THolder, int> Granted) Grant(int most = int.MaxValue)
    {
        var ledger = this;
        var last = InUse + Math.Min(most, Math.Max(0, Capacity - InUse));
        var granted = ImmutableDictionary.CreateBuilder<THolder, int>();
        while (ledger.InUse < last && !ledger.Turns.IsEmpty)
        {
            var holder = ledger.Turns.Peek();
            var turns = ledger.Turns.Dequeue();
            var account = ledger.Of(holder);
            if (account.Wanted == 0)
            {
                ledger = ledger.With(holder, account with { InTurns = false }) with { Turns = turns };
                continue;
            }

            // Alone in line: everything at once instead of one by one.
            var count = turns.IsEmpty ? Math.Min(account.Wanted, last - ledger.InUse) : 1;
            var more = account.Wanted > count;
            ledger = ledger.With(holder, account with { Held = account.Held + count, Unstarted = account.Unstarted + count, Wanted = account.Wanted - count, InTurns = more }) with
            {
                Turns = more ? turns.Enqueue(holder) : turns,
                InUse = ledger.InUse + count,
                Unstarted = ledger.Unstarted + count,
                Waiting = ledger.Waiting - (more ? 0 : 1),
            };
            granted[holder] = granted.GetValueOrDefault(holder) + count;
        }

        return (ledger, granted.ToImmutable());
    }

    /// <summary>How many slots a holder has.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>0 for one that is not known.</returns>
    public int Held(THolder holder) => Of(holder).Held;

    private Account Of(THolder holder) => Accounts.GetValueOrDefault(holder, Account.None);

    private SlotLedger<THolder> With(THolder holder, Account account) => this with
    {
        Accounts = account == Account.None ? Accounts.Remove(holder) : Accounts.SetItem(holder, account),
    };

    private sealed record Account(int Held, int Unstarted, int Wanted, bool InTurns)
    {
        public static Account None { get; } = new(0, 0, 0, false);
    }
}
