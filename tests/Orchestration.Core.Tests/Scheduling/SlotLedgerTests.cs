using CsCheck;
using Orchestration.Core.Scheduling;

namespace Orchestration.Core.Tests.Scheduling;

public class SlotLedgerTests
{
    private static readonly Gen<(int Op, int Holder, int Count)[]> Steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 5], Gen.Int[0, 6]).Array[0, 120];

    private static SlotLedger<string> Ledger(int capacity, int maxWaiting = 100) => new() { Capacity = capacity, MaxWaiting = maxWaiting };

    [Fact]
    public void A_ledger_does_what_a_list_of_turns_would() => Gen.Select(Gen.Int[1, 8], Gen.Int[1, 6], Steps).Sample(
        (capacity, maxWaiting, steps) =>
        {
            var ledger = new SlotLedger<int> { Capacity = capacity, MaxWaiting = maxWaiting };
            var model = new Model(capacity, maxWaiting);
            foreach (var (op, holder, count) in steps)
            {
                switch (op)
                {
                    case 0 or 1 or 2:
                        var (wished, taken) = ledger.Want(holder, count);
                        Assert.Equal(model.Want(holder, count), taken);
                        ledger = wished;
                        break;
                    case 3 or 4 or 5:
                        ledger = ledger.Release(holder, count);
                        model.Release(holder, count);
                        break;
                    case 6:
                        ledger = ledger.Occupy(holder, count);
                        model.Occupy(holder, count);
                        break;
                    case 7:
                        ledger = ledger.Forget(holder);
                        model.Forget(holder);
                        break;
                    default:
                        var (after, granted) = ledger.Grant();
                        Assert.Equal(model.Grant().OrderBy(g => g.Key), granted.OrderBy(g => g.Key));
                        Assert.True(granted.IsEmpty || after.InUse <= capacity);
                        Assert.True(after.InUse >= capacity || after.Waiting == 0);
                        ledger = after;
                        break;
                }

                model.Check(ledger);
            }
        },
        iter: 3000);

    [Fact]
    public void Whoever_waits_gets_a_slot_within_as_many_grants_as_there_are_holders() => Gen.Select(Gen.Int[2, 9], Gen.Int[0, 1000].Array[1, 60]).Sample(
        (holders, wishes) =>
        {
            var ledger = new SlotLedger<int> { Capacity = 1, MaxWaiting = holders }.Occupy(0, 1);
            var patience = new Dictionary<int, int>();
            foreach (var wish in wishes)
            {
                // A greedy one wishes again and again; the others wish now and then.
                ledger = ledger.Want(0, 50).Ledger;
                ledger = ledger.Want(wish % holders, 1 + wish % 7).Ledger;
                patience.TryAdd(wish % holders, 0);
                patience.TryAdd(0, 0);
                var owner = Enumerable.Range(0, holders).Single(h => ledger.Held(h) > 0);
                (ledger, var granted) = ledger.Release(owner, 1).Grant();
                foreach (var waiting in patience.Keys.ToList())
                    patience[waiting]++;
                patience.Remove(Assert.Single(granted).Key);
                Assert.All(patience.Values, p => Assert.InRange(p, 0, holders));
            }
        },
        iter: 500);

    [Fact]
    public void A_huge_fan_out_shares_with_a_small_pipeline()
    {
        var ledger = Ledger(10).Want("huge", 10_000).Ledger.Want("small", 2).Ledger;
        var (after, granted) = ledger.Grant();
        Assert.Equal((8, 2), (granted["huge"], granted["small"]));
        Assert.Equal((10, 1, true), (after.InUse, after.Waiting, after.Waiting > 0));
    }

    [Fact]
    public void One_that_waits_alone_gets_all_that_is_free()
    {
        var (after, granted) = Ledger(10).Want("a", 7).Ledger.Grant();
        Assert.Equal(7, granted["a"]);
        Assert.Equal((7, 0, false), (after.InUse, after.Waiting, after.Waiting > 0));
        Assert.Equal(3, after.Want("a", 20).Ledger.Grant().Granted["a"]);
    }

    [Fact]
    public void Too_many_that_wait_are_turned_away_but_not_those_that_wait_already()
    {
        var ledger = Ledger(1, maxWaiting: 2).Want("a", 1).Ledger.Want("b", 1).Ledger;
        Assert.Equal((ledger, false), ledger.Want("c", 1));
        Assert.True(ledger.Want("b", 9).Taken);
        Assert.True(ledger.Want("c", 0).Taken);
        Assert.True(ledger.Want("a", 0).Ledger.Want("c", 1).Taken);
    }

    [Fact]
    public void Activations_that_run_already_count_beyond_the_capacity()
    {
        var ledger = Ledger(2).Occupy("a", 5).Want("b", 1).Ledger;
        Assert.Equal(5, ledger.InUse);
        Assert.Empty(ledger.Grant().Granted);
        Assert.Empty(ledger.Release("a", 3).Grant().Granted);
        Assert.Equal(1, ledger.Release("a", 4).Grant().Granted["b"]);
    }

    [Fact]
    public void One_that_stops_waiting_without_slots_is_no_holder()
    {
        var ledger = Ledger(1).Occupy("a", 1).Want("b", 1).Ledger.Want("b", 0).Ledger;
        Assert.Equal(["a"], ledger.Holders);
        Assert.Equal((0, false), (ledger.Waiting, ledger.Waiting > 0));
    }

    /// <summary>The same by plain lists: one slot at a time to the head of the line.</summary>
    private sealed class Model(int capacity, int maxWaiting)
    {
        private readonly SortedDictionary<int, (int Held, int Wanted)> _accounts = [];
        private List<int> _line = [];

        private int InUse => _accounts.Values.Sum(a => a.Held);

        private int Waiting => _accounts.Values.Count(a => a.Wanted > 0);

        public bool Want(int holder, int wanted)
        {
            var account = _accounts.GetValueOrDefault(holder);
            if (wanted > 0 && account.Wanted == 0 && Waiting >= maxWaiting)
                return false;
            _accounts[holder] = account with { Wanted = wanted };
            if (wanted > 0 && !_line.Contains(holder))
                _line.Add(holder);
            return true;
        }

        public void Release(int holder, int count) => Hold(holder, held => Math.Max(0, held - count));

        public void Occupy(int holder, int count) => Hold(holder, held => held + count);

        public void Forget(int holder)
        {
            _accounts.Remove(holder);
            _line = [.. _line.Where(h => h != holder)];
        }

        public Dictionary<int, int> Grant()
        {
            var granted = new Dictionary<int, int>();
            while (InUse < capacity && _line.Count > 0)
            {
                var holder = _line[0];
                _line.RemoveAt(0);
                var (held, wanted) = _accounts.GetValueOrDefault(holder);
                if (wanted == 0)
                    continue;
                _accounts[holder] = (held + 1, wanted - 1);
                granted[holder] = granted.GetValueOrDefault(holder) + 1;
                if (wanted > 1)
                    _line.Add(holder);
            }

            return granted;
        }

        public void Check(SlotLedger<int> ledger)
        {
            Assert.Equal((InUse, Waiting), (ledger.InUse, ledger.Waiting));
            Assert.Equal(Waiting, ledger.Waiting);
            Assert.All(Enumerable.Range(0, 6), h => Assert.Equal(_accounts.GetValueOrDefault(h).Held, ledger.Held(h)));
            Assert.Equal(_accounts.Where(a => a.Value != default).Select(a => a.Key), ledger.Holders.Order());
        }

        private void Hold(int holder, Func<int, int> change)
        {
            var account = _accounts.GetValueOrDefault(holder);
            _accounts[holder] = account with { Held = change(account.Held) };
        }
    }
}
