using CsCheck;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Retention;

namespace Orchestration.Core.Tests.Retention;

/// <summary>Plans are compared with the plain definition: a run is needed when an object of it exists, was read elsewhere, or was read by a run that is needed.</summary>
public class RetentionPlanTests
{
    private static readonly Gen<HashSet<ObjectKey>> Keys = Gen.Int[0, 14].Select(Key).HashSet[0, 5];

    private static readonly Gen<List<RunFootprint>> Runs = Gen.Select(Keys, Keys).List[0, 10].Select(runs => runs.Select((r, i) => new RunFootprint(Id(i), r.Item1, r.Item2)).ToList());

    [Fact]
    public void Exactly_the_runs_that_are_needed_stay() => Gen.Select(Runs, Keys, Keys).Sample(
        (runs, existing, elsewhere) =>
        {
            var needed = new HashSet<ObjectKey>(existing.Concat(elsewhere));
            var expected = new HashSet<OrchestrationId>();
            while (runs.FirstOrDefault(r => !expected.Contains(r.Id) && r.Makes.Any(needed.Contains)) is { } next)
            {
                expected.Add(next.Id);
                needed.UnionWith(next.Reads);
            }

            var kept = RetentionPlan.Keep(runs, existing, elsewhere);

            Assert.True(expected.SetEquals(kept.Keys));
            Assert.All(kept, k => Assert.Contains(k.Value.Object, runs.Single(r => r.Id == k.Key).Makes));
            Assert.All(kept.Where(k => k.Value.IsThere), k => Assert.Contains(k.Value.Object, existing));
        },
        iter: 2000);

    [Fact]
    public void The_order_of_the_runs_does_not_matter() => Gen.Select(Runs, Keys, Keys).Sample(
        (runs, existing, elsewhere) => Assert.True(
            RetentionPlan.Keep(runs, existing, elsewhere).Keys.ToHashSet().SetEquals(RetentionPlan.Keep([.. Enumerable.Reverse(runs)], existing, elsewhere).Keys)),
        iter: 500);

    [Fact]
    public void A_chain_stays_up_to_its_beginning_while_its_end_exists()
    {
        var runs = Enumerable.Range(0, 5).Select(i => new RunFootprint(Id(i), [Key(i)], i == 0 ? [] : [Key(i - 1)])).ToList();

        Assert.Equal(5, RetentionPlan.Keep(runs, new HashSet<ObjectKey> { Key(4) }, new HashSet<ObjectKey>()).Count);
        Assert.Equal(3, RetentionPlan.Keep(runs, new HashSet<ObjectKey> { Key(2) }, new HashSet<ObjectKey>()).Count);
        Assert.Empty(RetentionPlan.Keep(runs, new HashSet<ObjectKey> { Key(9) }, new HashSet<ObjectKey>()));
    }

    private static ObjectKey Key(int number) => ObjectKey.Of("b", $"{number}");

    private static OrchestrationId Id(int number) => OrchestrationId.Parse(number.ToString("x24", System.Globalization.CultureInfo.InvariantCulture));
}
