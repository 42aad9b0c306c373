using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

public sealed class MakingActions : OrchestrationScenario
{
    protected override void Options(OrchestrationOptions options) => options.MaxInFlight = 8;

    [Fact]
    public async Task Results_come_in_the_order_of_the_actions_and_the_orchestration_completes()
    {
        var orchestration = await StartAsync();
        var results = await orchestration.MakeActionsAsync(Echoes(3), cancellation: Soon);
        await orchestration.CompleteAsync(JsonBytes.Parse("\"done\""), Soon);

        Assert.Equal(["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"], results.Select(r => r.Result.ToString()));
        Assert.All(results, r => Assert.True(r.Success));
        var end = await orchestration.WaitForEndAsync(Soon);
        Assert.Equal(OrchestrationStatus.Completed, end.Status);
        Assert.Equal("\"done\"", end.Output.ToString());
        Assert.Equal(results.Select(r => r.ActionId), Invoker.Invoked.OrderBy(i => i.Parameters.ToString(), StringComparer.Ordinal).Select(i => i.ActionId));
        Assert.All(Invoker.Invoked, i => Assert.Equal(orchestration.Id, i.OrchestrationId));
    }

    [Fact]
    public async Task Some_actions_fail_while_others_succeed_and_the_call_does_not_raise()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Parameters.ToString().Contains('1') ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var results = await orchestration.MakeActionsAsync(Echoes(3), retries: 0, cancellation: Soon);

        Assert.Equal([true, false, true], results.Select(r => r.Success));
        Assert.Equal("boom", results[1].Failure!.Message);
    }

    [Fact]
    public async Task Parallelism_is_reached_and_never_exceeded()
    {
        var gate = new SemaphoreSlim(0);
        Invoker.OnInvoke = async r =>
        {
            await gate.WaitAsync();
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(20), parallelism: 3, cancellation: Soon);
        for (var ended = 0; ended < 20; ended++)
        {
            var expected = Math.Min(20, ended + 3);
            await UntilAsync(() => Invoker.Invoked.Count == expected);
            gate.Release();
        }

        Assert.Equal(20, (await results).Count);
        Assert.Equal(3, Invoker.MostAtOnce);
    }

    [Fact]
    public async Task The_namespace_bounds_what_runs_at_once()
    {
        var all = new TaskCompletionSource();
        Invoker.OnInvoke = async r =>
        {
            await all.Task;
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(50), cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 8);
        all.SetResult();

        Assert.Equal(50, (await results).Count);
        Assert.Equal(8, Invoker.MostAtOnce);
    }

    [Fact]
    public async Task A_small_orchestration_is_not_starved_by_a_huge_one()
    {
        var huge = await StartAsync();
        var small = await StartAsync();
        var gates = new SemaphoreSlim(0);
        Invoker.OnInvoke = async r =>
        {
            await gates.WaitAsync();
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var many = huge.MakeActionsAsync(Echoes(300), cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 8);
        var few = small.MakeActionsAsync(Echoes(4), cancellation: Soon);
        var released = 0;
        await UntilAsync(() =>
        {
            if (!few.IsCompleted && released - 8 < Invoker.Invoked.Count)
            {
                gates.Release();
                released++;
            }

            return few.IsCompleted;
        });

        Assert.False(many.IsCompleted);
        Assert.InRange(released, 12, 60);
        gates.Release(400);
        Assert.Equal(300, (await many).Count);
    }

    [Fact]
    public async Task A_known_batch_gives_its_recorded_results_and_runs_nothing()
    {
        var orchestration = await StartAsync();
        var first = await orchestration.MakeActionsAsync(Echoes(3), key: "k", cancellation: Soon);
        var again = await orchestration.MakeActionsAsync(Echoes(3), key: "k", cancellation: Soon);

        Assert.Equal(first, again);
        Assert.Equal(3, Invoker.Invoked.Count);
        var changed = await Assert.ThrowsAsync<OrchestrationException>(() => orchestration.MakeActionsAsync(Echoes(4), key: "k", cancellation: Soon));
        Assert.Equal("BATCH_CHANGED", changed.Code);
        Assert.Contains("'k'", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_runs_again_gets_what_it_made_before_by_the_order_of_its_calls()
    {
        var first = await StartAsync();
        var a = await first.MakeActionsAsync(Echoes(2), cancellation: Soon);
        var second = await Client.ResumeAsync(first.Id, Soon);
        var b = await second.MakeActionsAsync(Echoes(2), cancellation: Soon);
        await second.MakeActionsAsync([Echo(9)], cancellation: Soon);

        Assert.Equal(a, b);
        Assert.Equal(3, Invoker.Invoked.Count);
    }

    [Fact]
    public async Task Starting_twice_is_one_start()
    {
        var id = Client.NewId();
        await Client.StartAsync(new StartRequest("one") { Id = id }, Soon);
        await Client.StartAsync(new StartRequest("one") { Id = id }, Soon);
        var other = await Assert.ThrowsAsync<OrchestrationException>(() => Client.StartAsync(new StartRequest("two") { Id = id }, Soon));

        Assert.Equal("ALREADY_STARTED", other.Code);
        Assert.Single((await FactsAsync(id)).OfType<OrchestrationStarted>());
    }

    [Fact]
    public async Task Completing_while_a_batch_runs_is_refused()
    {
        var gate = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = _ => gate.Task;
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(1), key: "slow", cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 1);
        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => orchestration.CompleteAsync(cancellation: Soon));
        gate.SetResult(ScriptedInvoker.Succeeded(JsonBytes.EmptyObject));
        await results;

        Assert.Equal("BATCH_RUNNING", refused.Code);
        Assert.Contains("'slow'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_batch_ends_at_once()
    {
        var orchestration = await StartAsync();
        Assert.Empty(await orchestration.MakeActionsAsync([], cancellation: Soon));
    }

    [Fact]
    public async Task Cancelling_closes_what_runs_and_starts_nothing_more()
    {
        var gate = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = _ => gate.Task;
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(20), parallelism: 2, cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 2);
        await orchestration.CancelAsync("enough", Soon);

        var end = await orchestration.WaitForEndAsync(Soon);
        Assert.Equal((OrchestrationStatus.Cancelled, "enough"), (end.Status, end.Failure!.Message));
        Assert.Equal("NOT_RUNNING", (await Assert.ThrowsAsync<OrchestrationException>(() => results)).Code);
        gate.SetResult(ScriptedInvoker.Succeeded(JsonBytes.EmptyObject));
        var facts = await FactsAsync(orchestration.Id);
        Assert.Equal(2, facts.OfType<AttemptStarted>().Count());
        Assert.All(facts.OfType<AttemptFailed>(), f => Assert.Equal(AttemptOutcome.Cancelled, f.Outcome));
        Assert.Equal(2, facts.OfType<AttemptFailed>().Count());
        await orchestration.CancelAsync("again", Soon);
    }

    [Fact]
    public async Task Reports_that_come_together_are_stored_in_few_rows()
    {
        var all = new TaskCompletionSource();
        Invoker.OnInvoke = async r =>
        {
            await all.Task;
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(400), cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 8);
        all.SetResult();
        await results;

        var rows = new List<StoredCommit>();
        await foreach (var row in Client.ReadHistoryAsync(orchestration.Id, Soon))
            rows.Add(row);
        var facts = rows.Sum(r => r.Commit.Facts.Length);
        Assert.True(facts > 800);
        Assert.True(rows.Count < facts, $"{rows.Count} rows for {facts} facts");
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(r => (int)r.SequenceNr));

        // Alone in the namespace, a slot is used again in the row that holds the result before.
        var lastStart = rows.FindLastIndex(r => r.Commit.Facts.OfType<AttemptStarted>().Any());
        Assert.All(rows.Take(lastStart).Where(r => r.Commit.Facts.OfType<AttemptSucceeded>().Any()), r => Assert.Contains(r.Commit.Facts, f => f is AttemptStarted));
    }

    [Fact]
    public async Task A_batch_larger_than_a_row_is_stored_in_chunks_before_anything_of_it_runs()
    {
        var text = new string('x', 100_000);
        var orchestration = await StartAsync();
        var large = Enumerable.Range(0, 30).Select(i => new ActionSpec("echo", JsonBytes.Parse($$"""{"n":{{i}},"t":"{{text}}"}""")));
        var results = await orchestration.MakeActionsAsync(large, key: "large", cancellation: Soon);

        Assert.Equal(30, results.Count);
        var rows = new List<StoredCommit>();
        await foreach (var row in Client.ReadHistoryAsync(orchestration.Id, Soon))
            rows.Add(row);
        Assert.True(rows.Count(r => r.Commit.Facts.OfType<ActionsAdded>().Any()) >= 3);
        Assert.All(rows, r => Assert.InRange(r.Commit.Facts.Sum(FactSize.Of), 0, 2_000_000));
        var kinds = rows.SelectMany(r => r.Commit.Facts).Select(f => f.GetType().Name).ToList();
        Assert.True(kinds.IndexOf(nameof(BatchSealed)) > kinds.LastIndexOf(nameof(ActionsAdded)));
        Assert.True(kinds.IndexOf(nameof(AttemptStarted)) > kinds.IndexOf(nameof(BatchSealed)));
    }
}
