using System.Collections.Immutable;
using CsCheck;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Recovery;

/// <summary>Objects that have several writers: all of them run again in the order of the first time.</summary>
public class WriterOrderTests
{
    private static readonly ObjectKey[] Keys = [.. Enumerable.Range(0, 4).Select(i => ObjectKey.Parse($"b/o{i}"))];

    [Fact]
    public void All_writers_of_what_is_lost_run_once_each_behind_the_one_before_at_every_object() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 3].Array[1, 15], Gen.Bool.Array[4], Gen.Int[0, 3]).Sample(
            (sets, lost, wanted) =>
            {
                var writers = sets.Select((set, i) => Writer(i, [.. set.Distinct().Select(o => Keys[o])])).ToList();
                ImmutableArray<LineageAction> Of(ObjectKey key) => [.. writers.Where(w => w.Spec.Writes.Contains(key))];
                var planner = new RecoveryPlanner([Keys[wanted]], key => Of(key).LastOrDefault(), 100, seesStore: true);
                while (planner.Next() is { } question)
                {
                    foreach (var key in question.Presence)
                        planner.Tell(key, !lost[Array.IndexOf(Keys, key)]);
                    foreach (var key in question.Producers)
                        planner.Tell(key, Of(key).LastOrDefault());
                    foreach (var key in question.Writers)
                        planner.Tell(key, Of(key));
                }

                var plan = planner.Plan();
                var ran = plan.Jobs.Select(j => j.Action.Id).ToList();
                Assert.Equal(ran.Distinct(), ran);

                // What is lost and wanted, or written by a writer that runs again, is made by all its writers in order.
                var touched = new HashSet<ObjectKey>();
                var queue = new Queue<ObjectKey>([Keys[wanted]]);
                while (queue.TryDequeue(out var key))
                    if (lost[Array.IndexOf(Keys, key)] && touched.Add(key))
                        foreach (var other in Of(key).SelectMany(w => w.Spec.Writes))
                            queue.Enqueue(other);
                Assert.Equal(writers.Where(w => w.Spec.Writes.Any(touched.Contains)).Select(w => w.Id), ran.OrderBy(id => id.Value, StringComparer.Ordinal));
                foreach (var key in touched)
                {
                    var order = Of(key).Select(w => ran.IndexOf(w.Id)).ToList();
                    for (var i = 0; i < order.Count; i++)
                    {
                        var job = plan.Jobs[order[i]];
                        Assert.Contains(key, job.Objects);
                        Assert.Equal((i > 0, i < order.Count - 1), (job.Onto.Contains(key), job.Partial.Contains(key)));
                        if (i > 0)
                            Assert.Contains(order[i - 1], job.After);
                    }
                }
            },
            iter: 1000);

    [Fact]
    public void Of_an_object_whose_first_writers_are_forgotten_none_is_given()
    {
        var lineage = new Lineage();
        lineage.Add(new Commit([
            new ActionsAdded(Given.T0, 0, 0, Given.FirstId, [Writer(0, [Keys[0]]).Spec]),
            new AttemptSucceeded(Given.T0, 0, 0, 1, null, null, Json.JsonBytes.EmptyObject, Given.Objects(writes: [Given.Access("b/o0", 1, 1)]))]));
        var lineages = new Dictionary<OrchestrationId, Lineage> { [Given.Id] = lineage };
        CompletedWrite Write(int index) => new(Given.FirstId.Plus(index), new WriteTicket(Given.Id, Given.Attempt(index)), 1, Given.T0);

        Assert.Equal([Given.FirstId], WriterOrder.Of(Keys[0], [Write(0)], 0, lineages).Select(w => w.Id));
        Assert.Equal([Given.FirstId], WriterOrder.Of(Keys[0], [], 0, lineages).Select(w => w.Id));
        Assert.Empty(WriterOrder.Of(Keys[0], [Write(0)], 1, lineages));
        Assert.Empty(WriterOrder.Of(Keys[0], [Write(0), Write(1)], 0, lineages));
        Assert.Empty(WriterOrder.Of(Keys[1], [], 0, lineages));
    }

    [Fact]
    public void The_mailbox_knows_who_wrote_last_while_it_is_made_again()
    {
        var queue = new WriteQueue(TimeSpan.FromSeconds(60), 10);
        var state = WriteQueueState.Empty;
        foreach (var (who, attempt) in new[] { (0, 1), (1, 1), (2, 1), (0, 2), (1, 2) })
        {
            var ticket = new WriteTicket(Given.Id, Given.Attempt(who, attempt));
            state = Apply(Apply(state, new WriteCommand.Acquire(Given.T0, new WriteRequest(ticket, Given.FirstId.Plus(who), "w"), Keys[0], "")), new WriteCommand.Release(Given.T0, ticket, true));
            Assert.Equal(Given.FirstId.Plus(who), state.LastWriter);
        }

        Assert.Equal(3, state.History.Count);

        WriteQueueState Apply(WriteQueueState before, WriteCommand command) => queue.Decide(before, command).Aggregate(before, WriteFold.Apply);
    }

    private static LineageAction Writer(int number, ImmutableArray<ObjectKey> keys) =>
        new(Given.FirstId.Plus(number), Given.Action($"w{number}") with { Writes = keys }, [], $"w{number}");
}
