using System.Collections.Immutable;
using CsCheck;
using Orchestration.Core.Identity;
using Orchestration.Core.Recovery;

namespace Orchestration.Core.Tests.Recovery;

/// <summary>The ledger of re-runs under orchestrations that claim, leave, go away and come back at random.</summary>
public class RerunLedgerTests
{
    private static readonly ImmutableArray<OrchestrationId> Orchestrations = [.. Enumerable.Range(1, 4).Select(n => OrchestrationId.Parse($"65e5560f000000000000000{n}"))];

    private static readonly ImmutableArray<ActionId> Producers = [.. Enumerable.Range(1, 3).Select(n => ActionId.Parse($"65e5560f00000000000000a{n}"))];

    [Fact]
    public void One_orchestration_at_a_time_has_the_turn_and_everybody_who_asks_is_answered_in_order() => Gen.Int[0, 1_000_000].Array[0, 200].Sample(script =>
    {
        var model = new Model();
        foreach (var step in script)
            model.Do(step);
        model.LeaveAll();
        Assert.Empty(model.Ledger.Holders);
        Assert.Empty(model.Ledger.Waiting);
    });

    [Fact]
    public void What_was_made_is_told_to_all_who_wait_and_is_nobodys_turn()
    {
        var ledger = RerunLedger.Empty;
        foreach (var id in Orchestrations)
            ledger = ledger.Claim(id, Producers).Ledger;
        var step = ledger.Leave(Orchestrations[0], [Producers[0]], made: true);
        Assert.Equal(Orchestrations.Skip(1).Select(o => new RerunNews(o, Producers[0], Orchestrations[0])), step.News);
        Assert.False(step.Ledger.Holders.ContainsKey(Producers[0]));
        Assert.Equal(new RerunChange([new RerunTurn(Producers[0], null)]), step.Change);
    }

    [Fact]
    public void Asking_twice_is_asking_once_and_the_holder_is_told_again()
    {
        var ledger = RerunLedger.Empty.Claim(Orchestrations[0], Producers).Ledger;
        var again = ledger.Claim(Orchestrations[0], [Producers[1]]);
        Assert.Equal((null, new RerunNews(Orchestrations[0], Producers[1], null)), (again.Change, Assert.Single(again.News)));
        var waits = ledger.Claim(Orchestrations[1], Producers).Ledger.Claim(Orchestrations[1], Producers);
        Assert.Empty(waits.News);
        Assert.All(waits.Ledger.Waiting.Values, q => Assert.Single(q));
    }

    /// <summary>A list per producer: the first has the turn, the others wait.</summary>
    private sealed class Model
    {
        private readonly Dictionary<ActionId, List<OrchestrationId>> _lines = Producers.ToDictionary(p => p, _ => new List<OrchestrationId>());
        private RerunLedger _stored = RerunLedger.Empty;

        public RerunLedger Ledger { get; private set; } = RerunLedger.Empty;

        public void Do(int step)
        {
            var by = Orchestrations[step % 4];
            ImmutableArray<ActionId> some = [.. Producers.Where((_, i) => (step / 4 >> i) % 2 == 1)];
            switch (step / 32 % 6)
            {
                case 0 or 1:
                    Claim(by, some);
                    break;
                case 2:
                    Leave(by, some, made: step / 192 % 2 == 0);
                    break;
                case 4:
                    ClaimAhead(by, some);
                    break;
                case 3:
                    Take(Ledger.Forget(by), Producers, by, made: false);
                    break;
                default:
                    // The process starts again: who waits asks again, in the order of the lines.
                    Ledger = _stored;
                    foreach (var (producer, line) in _lines)
                        foreach (var waiting in line)
                            Ledger = Ledger.Claim(waiting, [producer]).Ledger;
                    Check();
                    break;
            }
        }

        public void LeaveAll()
        {
            foreach (var by in Orchestrations)
                Leave(by, Producers, made: false);
        }

        private void Claim(OrchestrationId by, ImmutableArray<ActionId> producers)
        {
            var step = Ledger.Claim(by, producers);
            foreach (var producer in producers)
                if (!_lines[producer].Contains(by))
                    _lines[producer].Add(by);
            Assert.Equal(producers.Where(p => _lines[p][0] == by).Select(p => new RerunNews(by, p, null)), step.News);
            Keep(step);
        }

        /// <summary>Each producer waits for the one before it.</summary>
        private void ClaimAhead(OrchestrationId by, ImmutableArray<ActionId> producers)
        {
            var step = Ledger.ClaimAhead(by, [.. producers.Select(p => new RerunAhead(p, [.. Producers.TakeWhile(o => o != p).TakeLast(1)]))]);
            var expected = new List<RerunNews>();
            foreach (var producer in producers)
            {
                var line = _lines[producer];
                if ((line.Count > 0 && line[0] != by) || Producers.TakeWhile(o => o != producer).TakeLast(1).Any(before => _lines[before].FirstOrDefault() != by))
                    continue;
                if (line.Count == 0)
                    line.Add(by);
                expected.Add(new RerunNews(by, producer, null));
            }

            Assert.Equal(expected, step.News);
            Keep(step);
        }

        private void Leave(OrchestrationId by, ImmutableArray<ActionId> producers, bool made) => Take(Ledger.Leave(by, producers, made), producers, by, made);

        private void Take(RerunStep step, ImmutableArray<ActionId> producers, OrchestrationId by, bool made)
        {
            var expected = new List<RerunNews>();
            foreach (var producer in producers)
            {
                var line = _lines[producer];
                var held = line.Count > 0 && line[0] == by;
                line.Remove(by);
                if (!held)
                    continue;
                expected.AddRange(made ? line.Select(w => new RerunNews(w, producer, by)) : line.Take(1).Select(w => new RerunNews(w, producer, null)));
                if (made)
                    line.Clear();
            }

            Assert.Equal(expected.OrderBy(n => (n.Producer.Value, n.To)), step.News.OrderBy(n => (n.Producer.Value, n.To)));
            Keep(step);
        }

        private void Keep(RerunStep step)
        {
            if (step.Change is { } change)
                _stored = _stored.Apply(change);
            Ledger = step.Ledger;
            Check();
        }

        private void Check()
        {
            Assert.Equal(_stored.Holders.OrderBy(h => h.Key.Value), Ledger.Holders.OrderBy(h => h.Key.Value));
            foreach (var (producer, line) in _lines)
            {
                Assert.Equal(line.Count == 0 ? null : line[0], Ledger.Holders.TryGetValue(producer, out var holder) ? holder : (OrchestrationId?)null);
                Assert.Equal(line.Skip(1), Ledger.Waiting.GetValueOrDefault(producer, []));
            }
        }
    }
}
