using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Activations that go on after their 202, one at a time: how each is looked at, and when it counts as lost or out of time. And what is refused at once.</summary>
public sealed class LosingActivations : OrchestrationScenario
{
    [Fact]
    public async Task What_OpenWhisk_refuses_for_good_is_not_repeated()
    {
        Invoker.OnInvoke = _ => Task.FromResult(ScriptedInvoker.Failed(AttemptOutcome.Rejected, "no such action"));
        var orchestration = await StartAsync();
        var results = await orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);

        Assert.Equal("no such action", results[0].Failure!.Message);
        Assert.Single(Invoker.Invoked);
    }

    [Fact]
    public async Task An_activation_that_goes_on_is_awaited_with_growing_intervals()
    {
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(new InvokeReply.Accepted("a1"));
        var started = Clock.Now;
        Invoker.OnLook = id => Task.FromResult(Clock.Now - started > TimeSpan.FromSeconds(60)
            ? ScriptedInvoker.Succeeded(Core.Json.JsonBytes.EmptyObject, id)
            : new InvokeReply.Accepted(id));
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => results.IsCompleted);

        Assert.True((await results)[0].Success);
        Assert.Single(Invoker.Invoked);
        Assert.InRange(Invoker.Looks("a1"), 10, 40);
        var facts = await FactsAsync(orchestration.Id);
        Assert.Equal("a1", Assert.Single(facts.OfType<ActivationAccepted>()).ActivationId);
        Assert.Equal("a1", Assert.Single(facts.OfType<AttemptSucceeded>()).ActivationId);
    }

    [Fact]
    public async Task An_activation_without_a_record_counts_as_lost_after_its_limit_and_grace()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Attempt == 1 ? new InvokeReply.Accepted("gone") : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var results = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromSeconds(1)), Echo(1)), Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(2), () => results.IsCompleted);

        Assert.True((await results)[0].Success);
        var facts = await FactsAsync(orchestration.Id);
        var lost = Assert.Single(facts.OfType<AttemptFailed>());
        Assert.Equal((AttemptOutcome.Lost, "gone"), (lost.Outcome, lost.ActivationId));
        var waited = lost.Time - facts.OfType<AttemptStarted>().First().Time;
        Assert.InRange(waited, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(4.5));
    }

    [Fact]
    public async Task An_activation_is_not_lost_while_the_platform_gives_no_answer()
    {
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(new InvokeReply.Accepted("a1"));
        Invoker.OnLook = id => Task.FromResult<InvokeReply>(new InvokeReply.Accepted(id, Reached: false));
        var started = Clock.Now;
        var orchestration = await StartAsync();
        var results = orchestration.MakeActionsAsync([Echo(1)], retries: 0, cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => Clock.Now - started > TimeSpan.FromMinutes(10) && Invoker.Looks("a1") > 10);
        Assert.False(results.IsCompleted);
        Invoker.OnLook = id => Task.FromResult(ScriptedInvoker.Succeeded(Core.Json.JsonBytes.EmptyObject, id));
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => results.IsCompleted);

        Assert.True((await results)[0].Success);
        Assert.Single(Invoker.Invoked);
    }

    [Fact]
    public async Task An_attempt_ends_at_its_timeout_and_the_next_one_starts()
    {
        Invoker.OnInvoke = r => r.Attempt == 1 ? new TaskCompletionSource<InvokeReply>().Task : Task.FromResult(ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var policy = Every(TimeSpan.FromSeconds(1)) with { AttemptTimeout = TimeSpan.FromSeconds(30) };
        var results = Client.MakeActionsAsync(orchestration.Id, Batch("b", policy, Echo(1)), Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 1);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => results.IsCompleted);

        Assert.True((await results)[0].Success);
        var timedOut = Assert.Single((await FactsAsync(orchestration.Id)).OfType<AttemptFailed>());
        Assert.Equal(AttemptOutcome.Timeout, timedOut.Outcome);
        Assert.Contains("00:00:30", timedOut.Failure.Message, StringComparison.Ordinal);
    }
}
