using CsCheck;
using Orchestration.Core.Identity;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Values;

public class IndexStateTests
{
    private static OrchestrationId Id(int n) => OrchestrationId.Parse($"65e5560f{n:x16}");

    [Fact]
    public void An_index_follows_its_changes()
    {
        var added = IndexState.Empty.Apply(new IndexChange.Added(Id(1)));
        Assert.Equal(new IndexEntry(null, null), added.Entries[Id(1)]);
        var asleep = added.Apply(new IndexChange.Slept(Id(1), Given.T0));
        Assert.Equal(new IndexEntry(Given.T0, null), asleep.Entries[Id(1)]);
        Assert.Equal(new IndexEntry(null, null), asleep.Apply(new IndexChange.Added(Id(1))).Entries[Id(1)]);
        var quarantined = asleep.Apply(new IndexChange.Quarantined(Id(1), "bad"));
        Assert.Equal(new IndexEntry(null, "bad"), quarantined.Entries[Id(1)]);
        Assert.Equal(new IndexEntry(null, null), quarantined.Apply(new IndexChange.Released(Id(1))).Entries[Id(1)]);
        Assert.Empty(quarantined.Apply(new IndexChange.Removed(Id(1))).Entries);
    }

    [Fact]
    public void Only_an_addition_makes_an_entry() => Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[0, 40].Sample(changes =>
    {
        var (index, known) = (IndexState.Empty, new HashSet<int>());
        foreach (var (kind, n) in changes)
        {
            index = index.Apply(kind switch
            {
                0 => new IndexChange.Added(Id(n)),
                1 => new IndexChange.Slept(Id(n), Given.T0),
                2 => new IndexChange.Quarantined(Id(n), "bad"),
                3 => new IndexChange.Released(Id(n)),
                _ => new IndexChange.Removed(Id(n)),
            });
            if (kind == 0)
                known.Add(n);
            if (kind == 4)
                known.Remove(n);
            Assert.Equal(known.Select(Id).Order(), index.Entries.Keys.Order());
        }
    });

    [Fact]
    public void A_change_of_an_unknown_kind_is_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexState.Empty.Apply(new Unheard(Id(1))));

    private sealed record Unheard(OrchestrationId Id) : IndexChange(Id);
}
