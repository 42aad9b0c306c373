using Akka.Actor;
using Orchestration.Actors.Invocations;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

public sealed class Crashing : OrchestrationScenario
{
    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(ArgumentException))]
    public async Task An_ActionActor_that_throws_does_not_disturb_its_siblings_and_its_attempt_is_closed(Type thrown)
    {
        var siblings = new TaskCompletionSource();
        Invoker.OnInvoke = async r =>
        {
            if (r.Parameters.ToString().Contains("\"n\":0", StringComparison.Ordinal))
                return r.Attempt == 1 ? throw (Exception)Activator.CreateInstance(thrown, "bug")! : ScriptedInvoker.Succeeded(r.Parameters);
            await siblings.Task;
            return ScriptedInvoker.Succeeded(r.Parameters);
        };
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(3), retries: 0, cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 4);
        siblings.SetResult();

        Assert.All(await results, r => Assert.True(r.Success));
        var facts = await FactsAsync(orchestration.Id);
        var crashed = Assert.Single(facts.OfType<AttemptFailed>());
        Assert.Equal((AttemptOutcome.Crashed, 0, false), (crashed.Outcome, crashed.Index, crashed.UsedRetry));
        Assert.Equal(4, facts.OfType<AttemptStarted>().Count());
    }

    [Fact]
    public async Task An_action_whose_actor_always_throws_fails_after_a_bounded_number_of_attempts()
    {
        Invoker.OnInvoke = _ => throw new InvalidOperationException("always");
        var orchestration = await StartAsync();
        var results = await orchestration.MakeActionsAsync([Echo(0)], retries: 0, cancellation: Soon);

        Assert.False(results[0].Success);
        Assert.Contains("always", results[0].Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(RetryRules.MaxCrashes + 1, Invoker.Invoked.Count);
    }

    [Fact]
    public async Task An_ActionActor_that_throws_while_it_awaits_is_replaced_and_the_activation_is_not_invoked_again()
    {
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(new InvokeReply.Accepted("a1"));
        Invoker.OnLook = id => Invoker.Looks(id) == 1 ? throw new IOException("bug") : Task.FromResult(ScriptedInvoker.Succeeded(JsonBytes.EmptyObject, id));
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync([Echo(0)], retries: 0, cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => results.IsCompleted);

        Assert.True((await results)[0].Success);
        Assert.Single(Invoker.Invoked);
        Assert.Empty((await FactsAsync(orchestration.Id)).OfType<AttemptFailed>());
    }

    [Fact]
    public async Task After_a_crash_known_activations_are_awaited_and_unknown_ones_start_anew()
    {
        Invoker.OnInvoke = r => r.Parameters.ToString().Contains('0')
            ? Task.FromResult<InvokeReply>(new InvokeReply.Accepted("known"))
            : r.Attempt == 1 ? new TaskCompletionSource<InvokeReply>().Task : Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync(Echoes(2), retries: 0, cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 2);
        await AwaitConditionAsync(async () => (await FactsAsync(orchestration.Id)).OfType<ActivationAccepted>().Any(), Patience);
        await KillOrchestratorAsync();
        Invoker.OnLook = id => Task.FromResult(ScriptedInvoker.Succeeded(JsonBytes.Parse("\"late\""), id));
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => results.IsCompleted);

        Assert.Equal(["\"late\"", "{\"n\":1}"], (await results).Select(r => r.Result.ToString()));
        var facts = await FactsAsync(orchestration.Id);
        Assert.Equal([1, 2], facts.OfType<Resumed>().Select(r => r.Epoch));
        var interrupted = Assert.Single(facts.OfType<AttemptFailed>());
        Assert.Equal((AttemptOutcome.Interrupted, 1, false), (interrupted.Outcome, interrupted.Index, interrupted.UsedRetry));
        Assert.Equal(3, Invoker.Invoked.Count);
    }

    [Fact]
    public async Task A_recovered_orchestration_has_the_results_from_before()
    {
        var orchestration = await StartAsync();
        var before = await orchestration.MakeActionsAsync(Echoes(5), key: "b", cancellation: Soon);
        await KillOrchestratorAsync();
        var after = Client.GetResultsAsync(orchestration.Id, "b", Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => after.IsCompleted);

        Assert.Equal(before, await after);
        Assert.Equal(5, Invoker.Invoked.Count);
    }

    [Fact]
    public async Task A_large_state_is_recovered_from_its_checkpoint()
    {
        var text = new string('x', 50_000);
        Invoker.OnInvoke = r => Task.FromResult(ScriptedInvoker.Succeeded(JsonBytes.Parse($"\"{r.Parameters.Length}{text}\"")));
        var orchestration = await StartAsync();
        for (var i = 0; i < 6; i++)
            await orchestration.MakeActionsAsync(Echoes(20), cancellation: Soon);
        var rows = new List<StoredCommit>();
        await foreach (var row in Client.ReadHistoryAsync(orchestration.Id, Soon))
            rows.Add(row);
        Assert.Contains(rows, r => r.Commit.Facts.IsEmpty);

        await KillOrchestratorAsync();
        var again = Client.MakeActionsAsync(orchestration.Id, Batch("0", RetryPolicy.Default, [.. Echoes(20)]), Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(200), () => again.IsCompleted);

        Assert.Equal(20, (await again).Count);
        Assert.Equal(120, Invoker.Invoked.Count);
        var progress = await Client.GetProgressAsync(orchestration.Id, Soon);
        Assert.Equal(6, progress.Batches.Count);
        Assert.All(progress.Batches, b => Assert.Equal(20, b.Succeeded));
    }

    [Fact]
    public void The_supervision_table_is_as_written()
    {
        Assert.Equal(Directive.Stop, ActionSupervision.Decide(new IOException()));
        Assert.Equal(Directive.Stop, ActionSupervision.Decide(new InvocationException("x", new ArgumentNullException("x"))));
        Assert.Equal(Directive.Stop, ActionSupervision.Decide(new ObjectDisposedException("client")));
        Assert.Equal(Directive.Escalate, ActionSupervision.Decide(new InvocationException("x", new InsufficientExecutionStackException())));
    }
}
