using System.Collections.Immutable;
using CsCheck;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Recovery;

/// <summary>Plans are compared with the plain definition: an object is lost when it is wanted and not there; its producer runs, and wants its inputs.</summary>
public class RecoveryPlannerTests
{
    [Fact]
    public void The_plan_is_the_missing_ancestor_closure_in_an_order_that_can_run() => Gen.Select(Gen.Int[1, 40], Gen.Int, Gen.Int[0, 100]).Sample(
        (count, seed, lostPercent) =>
        {
            var world = World.Random(count, new Random(seed), lostPercent);
            var targets = world.Actions.Take(5).Select(a => world.Writes[a.Id][0]).ToList();
            var plan = world.Plan(targets);

            var expected = new HashSet<ActionId>();
            var wanted = new Stack<ObjectKey>(targets);
            while (wanted.TryPop(out var key))
                if (world.Lost.Contains(key) && expected.Add(world.Producers[key].Id))
                    foreach (var input in world.Producers[key].Inputs)
                        wanted.Push(input);
            Assert.Equal(expected.Order(ById), plan.Jobs.Select(j => j.Action.Id).Order(ById));
            for (var i = 0; i < plan.Jobs.Length; i++)
            {
                Assert.All(plan.Jobs[i].After, before => Assert.True(before < i));
                var lostInputs = plan.Jobs[i].Action.Inputs.Where(world.Lost.Contains).Select(k => world.Producers[k].Id).Distinct();
                Assert.Equal(lostInputs.Order(ById), plan.Jobs[i].After.Select(a => plan.Jobs[a].Action.Id).Order(ById));
            }

            foreach (var target in targets)
                Assert.Equal(world.Lost.Contains(target) ? world.Producers[target].Id : (ActionId?)null, plan.Keys[target].Job is { } job ? plan.Jobs[job].Action.Id : (ActionId?)null);
        },
        iter: 500);

    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(10_000)]
    public void A_chain_takes_few_rounds_of_questions(int length)
    {
        var world = World.Chain(length);
        var plan = world.Plan([world.Writes[world.Actions[^1].Id][0]]);
        Assert.Equal(length, plan.Jobs.Length);
        Assert.Equal(world.Actions.Select(a => a.Id), plan.Jobs.Select(j => j.Action.Id));
        Assert.InRange(world.Rounds, 1, 4 + (int)Math.Ceiling(Math.Log(length, 4)));
    }

    [Fact]
    public void Of_a_long_chain_whose_end_alone_is_lost_few_objects_are_looked_at()
    {
        var world = World.Chain(1000);
        world.Lost.Clear();
        var last = world.Writes[world.Actions[^1].Id][0];
        world.Lost.Add(last);
        Assert.Single(world.Plan([last]).Jobs);
        Assert.InRange(world.Looked, 1, 3);
    }

    [Fact]
    public void Five_hundred_lost_of_a_thousand_are_found_in_one_round_and_their_writers_in_another()
    {
        var world = World.Fan(1000);
        var all = world.Actions.Select(a => world.Writes[a.Id][0]).ToList();
        world.Lost.ExceptWith(all.Where((_, i) => i % 2 == 0));
        var plan = world.Plan(all);
        Assert.Equal(500, plan.Jobs.Length);
        Assert.Equal(2, world.Rounds);
        Assert.Equal(1000, world.Looked);
    }

    [Fact]
    public void Whoever_wrote_a_lost_object_last_in_any_orchestration_makes_it_again()
    {
        var world = World.Chain(3);
        var middle = world.Writes[world.Actions[1].Id][0];
        var later = new LineageAction(Given.FirstId.Plus(99), Given.Action("later"), [], "later");
        world.Latest[middle] = later;
        var plan = world.Plan([world.Writes[world.Actions[2].Id][0]]);
        Assert.Equal(["later", "a2"], plan.Jobs.Select(j => j.Action.Label));
    }

    [Fact]
    public void An_object_that_nobody_wrote_says_who_needs_it()
    {
        var world = World.Chain(3);
        world.Producers.Remove(world.Writes[world.Actions[0].Id][0]);
        var last = world.Writes[world.Actions[2].Id][0];
        var plan = world.Plan([last]);
        Assert.Empty(plan.Jobs);
        Assert.Equal(("NO_PRODUCER", "b/o0 ← a1 ← a2"), (plan.Keys[last].Dead!.Code, plan.Keys[last].Dead!.Path));
    }

    [Fact]
    public void What_only_a_dead_object_needs_does_not_run()
    {
        // The target needs two objects: one can be made, the other cannot.
        var world = new World();
        world.Add("made", ["b/made"]);
        world.Add("reader", ["b/target"], "b/made", "b/gone");
        world.Lost.UnionWith([ObjectKey.Parse("b/gone")]);
        var plan = world.Plan([ObjectKey.Parse("b/target")]);
        Assert.Empty(plan.Jobs);
        Assert.Equal("b/gone ← reader", plan.Keys[ObjectKey.Parse("b/target")].Dead!.Path);
    }

    [Fact]
    public void A_cycle_is_told_by_its_path()
    {
        var world = new World();
        world.Add("first", ["b/x"], "b/y");
        world.Add("second", ["b/y"], "b/x");
        var dead = world.Plan([ObjectKey.Parse("b/x")]).Keys[ObjectKey.Parse("b/x")].Dead!;
        Assert.Equal(("RECOVERY_CYCLE", "b/x ← first ← second ← first"), (dead.Code, dead.Path));
    }

    [Fact]
    public void A_chain_longer_than_the_bound_is_refused()
    {
        var world = World.Chain(20);
        var last = world.Writes[world.Actions[^1].Id][0];
        Assert.Equal("RECOVERY_DEPTH", world.Plan([last], depth: 19).Keys[last].Dead!.Code);
        Assert.Equal(20, world.Plan([last], depth: 20).Jobs.Length);
    }

    [Fact]
    public void Without_a_look_at_the_store_only_the_nearest_producer_is_planned()
    {
        var world = World.Chain(5);
        var last = world.Writes[world.Actions[^1].Id][0];
        Assert.Equal(["a4"], world.Plan([last], seesStore: false).Jobs.Select(j => j.Action.Label));
        Assert.Equal(0, world.Looked);
    }

    [Fact]
    public void A_producer_of_many_lost_objects_runs_once()
    {
        var world = new World();
        world.Add("split", [.. Enumerable.Range(0, 500).Select(i => $"b/{i}")]);
        var plan = world.Plan([.. Enumerable.Range(0, 500).Select(i => ObjectKey.Parse($"b/{i}"))]);
        Assert.Equal(500, Assert.Single(plan.Jobs).Objects.Length);
    }

    private static readonly Comparer<ActionId> ById = Comparer<ActionId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    /// <summary>Actions, what they read and wrote, and which objects are lost.</summary>
    private sealed class World
    {
        public List<LineageAction> Actions { get; } = [];

        public Dictionary<ObjectKey, LineageAction> Producers { get; } = [];

        public Dictionary<ActionId, ImmutableArray<ObjectKey>> Writes { get; } = [];

        public HashSet<ObjectKey> Lost { get; } = [];

        /// <summary>Writers that this orchestration does not know of, and that were later.</summary>
        public Dictionary<ObjectKey, LineageAction> Latest { get; } = [];

        /// <summary>Whether about half of the producers must be asked for.</summary>
        public bool KnownElsewhere { get; init; }

        public int Rounds { get; private set; }

        public int Looked { get; private set; }

        public static World Chain(int length)
        {
            var world = new World();
            for (var i = 0; i < length; i++)
                world.Add($"a{i}", [$"b/o{i}"], i == 0 ? [] : [$"b/o{i - 1}"]);
            return world;
        }

        public static World Fan(int width)
        {
            var world = new World();
            for (var i = 0; i < width; i++)
                world.Add($"a{i}", [$"b/o{i}"]);
            return world;
        }

        public static World Random(int count, Random random, int lostPercent)
        {
            var world = new World { KnownElsewhere = random.Next(2) == 0 };
            for (var i = 0; i < count; i++)
            {
                var inputs = Enumerable.Range(0, Math.Min(i, random.Next(4))).Select(_ => world.Writes[world.Actions[random.Next(i)].Id]).Select(w => w[random.Next(w.Length)].Value);
                world.Add($"a{i}", [.. Enumerable.Range(0, 1 + random.Next(3)).Select(n => $"b/o{i}-{n}")], [.. inputs.Distinct()]);
            }

            world.Lost.RemoveWhere(_ => random.Next(100) >= lostPercent);
            return world;
        }

        public void Add(string name, string[] writes, params string[] reads)
        {
            var action = new LineageAction(Given.FirstId.Plus(Actions.Count), Given.Action(name), [.. reads.Select(ObjectKey.Parse)], name);
            Actions.Add(action);
            Writes.Add(action.Id, [.. writes.Select(ObjectKey.Parse)]);
            foreach (var key in Writes[action.Id])
            {
                Producers[key] = action;
                Lost.Add(key);
            }
        }

        public RecoveryPlan Plan(IReadOnlyCollection<ObjectKey> targets, int depth = 100_000, bool seesStore = true)
        {
            bool IsOwn(ObjectKey key) => seesStore && (!KnownElsewhere || key.Value.Length % 2 == 0);
            var planner = new RecoveryPlanner(targets, key => IsOwn(key) ? Producers.GetValueOrDefault(key) : null, depth, seesStore);
            while (planner.Next() is { } question)
            {
                Rounds++;
                Looked += question.Presence.Count;
                foreach (var key in question.Presence)
                    planner.Tell(key, !Lost.Contains(key));
                foreach (var key in question.Producers)
                    planner.Tell(key, Latest.GetValueOrDefault(key) ?? Producers.GetValueOrDefault(key));
            }

            return planner.Plan();
        }
    }
}
