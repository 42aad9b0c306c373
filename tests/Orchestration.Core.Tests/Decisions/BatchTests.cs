using System.Text;
using Orchestration.Core.Actions;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Decisions;

public class BatchTests
{
    [Fact]
    public void A_batch_is_stored_with_concrete_actions_and_sealed()
    {
        var batch = Given.Batch("a", 2, 3);
        var facts = Desk.Started().Decide(Given.Add(Given.At(1), batch)).Facts;
        Assert.Equal(
            [
                new ActionsAdded(Given.At(1), 0, 0, Given.FirstId, batch.Actions),
                new BatchSealed(Given.At(1), 0, "a", BatchHash.Of(batch), 2, batch.Options),
            ],
            facts);
    }

    [Fact]
    public void Actions_get_ids_that_count_up_and_are_ready_from_the_seal_on()
    {
        var state = Desk.Started().Do(Given.Add(Given.At(1), Given.Batch("a", 3))).State;
        Assert.Equal(
            ["65e5560f00000000000000a0", "65e5560f00000000000000a1", "65e5560f00000000000000a2"],
            state.Batches[0].Actions.Select(a => a.Id.Value));
        Assert.All(state.Batches[0].Actions, a => Assert.Equal(Given.At(1), a.ReadyAt));
        Assert.Equal(3, state.Startable(Given.At(1)));
    }

    [Fact]
    public void A_batch_without_actions_has_ended_when_it_is_added()
    {
        var desk = Desk.Started();
        var facts = desk.Decide(Given.Add(Given.At(1), Given.Batch("none", 0))).Facts;
        Assert.Collection(facts, f => Assert.IsType<BatchSealed>(f), f => Assert.Equal(new BatchEnded(Given.At(1), 0), f));
        desk.Store(facts);
        Assert.Empty(desk.State.Active);
        Assert.True(desk.State.Batches[0].Ended);
    }

    [Fact]
    public void The_same_batch_under_its_key_again_runs_nothing()
    {
        var desk = Desk.Started().Do(Given.Add(Given.At(1), Given.Batch("a", 2)));
        Assert.Equal(Decision.Nothing, desk.Decide(Given.Add(Given.At(2), Given.Batch("a", 2), firstId: ActionId.Parse("65e5560f00000000000000ff"))));
    }

    [Fact]
    public void A_known_key_with_another_batch_is_refused()
    {
        var desk = Desk.Started().Do(Given.Add(Given.At(1), Given.Batch("a", 2)));
        Assert.Equal(
            "The batch 'a' was submitted before with other content: it had 2 actions and has 3. Take another key, or submit what was submitted then.",
            desk.Refused(Given.Add(Given.At(2), Given.Batch("a", 3)), "BATCH_CHANGED"));
        Assert.Contains("its options were parallelism", desk.Refused(Given.Add(Given.At(2), Given.Batch("a", 2, 7)), "BATCH_CHANGED"), StringComparison.Ordinal);
        var batch = Given.Batch("a", 2);
        Assert.Contains("the parameters of its action 1", Changed(batch.Actions[1] with { Parameters = JsonBytes.Parse("""{"other":1}""") }), StringComparison.Ordinal);
        Assert.Contains("and is 'other'", Changed(batch.Actions[1] with { Name = "other" }), StringComparison.Ordinal);

        string Changed(ActionSpec action) => desk.Refused(Given.Add(Given.At(2), batch with { Actions = batch.Actions.SetItem(1, action) }), "BATCH_CHANGED");
    }

    [Fact]
    public void Batches_are_numbered_in_the_order_they_are_added()
    {
        var state = Desk.Started().Do(Given.Add(Given.At(1), Given.Batch("b", 1))).Do(Given.Add(Given.At(2), Given.Batch("a", 1))).State;
        Assert.Equal([("a", 1), ("b", 0)], state.Keys.OrderBy(k => k.Key).Select(k => (k.Key, k.Value)));
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "parallelism", "BAD_PARALLELISM", "parallelism is 0; it takes 1 or more." },
        { "retries", "BAD_RETRY", "retries is -1; it takes 0 to 1000." },
        { "own retry", "BAD_RETRY", "factor is 0.5; it takes a number of 1 or more." },
        { "name", "BAD_ACTION", "Action 1 of the batch has no name." },
        { "array", "BAD_PARAMETERS", "The parameters of action 1 (echo) are a JSON array; they take an object." },
        { "context", "BAD_PARAMETERS", "The parameters of action 1 (echo) have a member 'context', which is reserved for the orchestrator; rename it." },
        { "__orchestration", "BAD_PARAMETERS", "The parameters of action 1 (echo) have a member '__orchestration', which is reserved for the orchestrator; rename it." },
        { "large", "TOO_LARGE", "The parameters of action 1 (echo) have 8000001 bytes; at most 8000000 can be stored. Pass large data through the object store." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_place_and_a_remedy(string mistake, string code, string message)
    {
        var action = mistake switch
        {
            "own retry" => Given.Action() with { Retry = new RetryPolicy { Factor = 0.5 } },
            "name" => Given.Action(" "),
            "array" => Given.Action(parameters: "[]"),
            "context" => Given.Action(parameters: """{"a":{"context":1},"context":2}"""),
            "__orchestration" => Given.Action(parameters: """{"__orchestration":null}"""),
            "large" => Given.Action() with { Parameters = JsonBytes.FromTrusted(Encoding.UTF8.GetBytes("{\"a\":\"" + new string('x', 8_000_001 - 8) + "\"}")) },
            _ => Given.Action(),
        };
        var options = mistake switch
        {
            "parallelism" => BatchOptions.Default with { Parallelism = 0 },
            "retries" => BatchOptions.Default with { Retry = new RetryPolicy { Retries = -1 } },
            _ => BatchOptions.Default,
        };
        Assert.Equal(message, Desk.Started().Refused(Given.Add(Given.At(1), new BatchSpec("a", [Given.Action(), action], options)), code));
    }

    [Fact]
    public void Reserved_names_are_fine_deeper_down_and_are_found_when_escaped()
    {
        Assert.Null(ReservedMembers.Problem(JsonBytes.Parse("""{"a":{"context":1,"__orchestration":[{"context":2}]}}""")));
        Assert.NotNull(ReservedMembers.Problem(JsonBytes.FromTrusted("""{"\u0063ontext":1}"""u8.ToArray())));
    }

    [Fact]
    public void A_pipelines_orchestration_takes_no_batches_from_others()
    {
        var desk = new Desk().Do(Given.Start(Given.T0, Given.Pipeline("a")));
        Assert.Equal(
            $"The orchestration {Given.Id} is run by its pipeline; batches cannot be added to it.",
            desk.Refused(Given.Add(Given.At(1), Given.Batch("a", 1)), "PIPELINE_DRIVEN"));
        Assert.NotEmpty(desk.Decide(Given.Add(Given.At(1), Given.Batch("a", 1), fromPipeline: true)).Facts);
    }

    [Fact]
    public void An_ended_orchestration_takes_no_batches()
    {
        var desk = Desk.Started().Do(new Cancel(Given.At(1), "enough"));
        Assert.Equal(
            $"The orchestration {Given.Id} is cancelled; start a new one.",
            desk.Refused(Given.Add(Given.At(2), Given.Batch("a", 1)), "NOT_RUNNING"));
        Assert.Equal(Decision.Nothing, desk.Decide(Given.Add(Given.At(2), Given.Batch("a", 1), fromPipeline: true)));
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(3000, 1000)]
    [InlineData(7, 400_000)]
    [InlineData(3, 2_000_000)]
    public void A_large_batch_is_stored_in_chunks_near_one_megabyte_and_sealed_last(int count, int bytes)
    {
        var actions = Enumerable.Range(0, count).Select(i => Given.Action("a", $"{{\"i\":{i},\"x\":\"{new string('x', bytes)}\"}}"));
        var batch = new BatchSpec("big", [.. actions], BatchOptions.Default);
        var facts = Desk.Started().Decide(Given.Add(Given.At(1), batch)).Facts;

        Assert.IsType<BatchSealed>(facts[^1]);
        var chunks = facts[..^1].Cast<ActionsAdded>().ToList();
        Assert.Equal(batch.Actions, chunks.SelectMany(c => c.Actions));
        var index = 0;
        foreach (var chunk in chunks)
        {
            Assert.Equal((0, index, Given.FirstId.Plus(index)), (chunk.Batch, chunk.FirstIndex, chunk.FirstId));
            index += chunk.Actions.Length;
            Assert.True(chunk.Actions.Length == 1 || FactJson.Write(new Commit([chunk])).Length <= 1_000_000);
        }

        var wholeBytes = facts[..^1].Sum(f => (long)FactSize.Of(f));
        Assert.InRange(chunks.Count, Math.Min(count, Math.Max(1, (int)(wholeBytes / 1_000_000))), (int)(wholeBytes / 400_000) + 1);
    }

    [Fact]
    public void A_batch_that_was_never_sealed_is_left_behind()
    {
        var desk = Desk.Started().Store(new ActionsAdded(Given.At(1), 0, 0, Given.FirstId, [Given.Action()]));
        Assert.Equal(0, desk.State.Startable(Given.At(1)));
        Assert.Equal(Decision.Nothing, desk.Decide(new StartAttempts(Given.At(1), 5)));
        desk.Do(Given.Add(Given.At(2), Given.Batch("a", 1)));
        Assert.Equal(1, desk.State.Keys["a"]);
        Assert.Equal(1, desk.Only<AttemptStarted>(new StartAttempts(Given.At(2), 5)).Batch);
    }

    [Fact]
    public void The_estimate_of_a_facts_size_is_near_its_stored_size()
    {
        var spec = Given.Action("name", $"{{\"x\":\"{new string('x', 5000)}\"}}") with { Reads = [ObjectKey.Parse("in/a")], Writes = [ObjectKey.Parse("out/b")] };
        var objects = Given.Objects([Given.Access("in/a", 1, 1)], [Given.Access("out/b", 2, 2)], [Given.Access("in/c", 0, 3)]);
        var raw = JsonBytes.FromString(new string('e', 4000));
        Fact[] facts =
        [
            new OrchestrationStarted(Given.T0, Given.Id, "n", Given.Platform, Given.Pipeline("a") with { Source = new string('s', 3000) }, raw),
            new ActionsAdded(Given.T0, 0, 0, Given.FirstId, [spec, spec]),
            new AttemptSucceeded(Given.T0, 0, 0, 1, null, null, raw, objects),
            new AttemptFailed(Given.T0, 0, 0, 1, null, null, AttemptOutcome.Lost, new Failure(null, "m", raw), objects, null, false),
            new OrchestrationCompleted(Given.T0, raw),
            new OrchestrationFailed(Given.T0, new Failure("c", "m", raw), "s"),
            new BatchEnded(Given.T0, 0),
        ];
        foreach (var fact in facts)
            Assert.InRange(FactSize.Of(fact), FactJson.Write(new Commit([fact])).Length * 0.9, FactJson.Write(new Commit([fact])).Length * 2 + 400);
    }
}
