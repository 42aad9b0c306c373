using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Batches that fail fast, and batches whose time is up.</summary>
public sealed class BoundingSteps : OrchestrationScenario
{
    [Fact]
    public async Task A_batch_that_fails_fast_starts_nothing_behind_its_first_failure()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Parameters.ToString() == """{"n":2}""" ? ScriptedInvoker.Failed(AttemptOutcome.Rejected, "bad") : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var results = await orchestration.MakeActionsAsync(new BatchSpec(null, [.. Echoes(100)], new BatchOptions(1, RetryPolicy.Default, Writers.Single) { FailFast = true }), Soon);

        Assert.Equal(3, Invoker.Invoked.Count);
        Assert.Equal((true, true, "bad"), (results[0].Success, results[1].Success, results[2].Failure!.Message));
        Assert.All(results.Skip(3), r => Assert.Equal(Failure.FailFast, r.Failure!.Code));
    }

    [Fact]
    public async Task A_batch_whose_time_is_up_ends_with_what_it_has()
    {
        var never = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = r => r.Parameters.ToString() == """{"n":0}""" ? Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters)) : never.Task;
        var orchestration = await StartAsync();
        var batch = orchestration.MakeActionsAsync(new BatchSpec(null, [.. Echoes(4)], new BatchOptions(2, RetryPolicy.Default, Writers.Single) { Timeout = TimeSpan.FromSeconds(30) }), Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 3);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => batch.IsCompleted);

        var results = await batch;
        Assert.True(results[0].Success);
        Assert.All(results.Skip(1), r => Assert.Equal(Failure.StepTimeout, r.Failure!.Code));
        Assert.Equal(3, Invoker.Invoked.Count);
        var facts = await FactsAsync(orchestration.Id);
        Assert.Equal([new IndexRange(3, 1)], facts.OfType<ActionsClosed>().Single().Ranges);
        Assert.Equal(2, facts.OfType<AttemptFailed>().Count(f => f.Outcome == AttemptOutcome.Timeout));
        var seal = facts.OfType<BatchSealed>().Single().Time;
        Assert.All(facts.Where(f => f is ActionsClosed or AttemptFailed or BatchEnded), f => Assert.True(f.Time - seal >= TimeSpan.FromSeconds(30)));
    }
}
