using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Several processes on one storage: this system is <c>here</c>, the other processes are seen by their leases alone.</summary>
public sealed class OwningOrchestrations : OrchestrationScenario
{
    private readonly MemoryLeases _leases;
    private readonly ILeaseStore _rival;

    public OwningOrchestrations()
    {
        _leases = new MemoryLeases(() => Clock.Now);
        _rival = _leases.Of("there");
    }

    protected override void Options(OrchestrationOptions options) => options.UseLeases(_ => _leases.Of("here"));

    [Fact]
    public async Task What_is_started_is_owned_until_it_has_ended()
    {
        var orchestration = await StartAsync();
        var lease = await _rival.AcquireAsync(orchestration.Id, false, Soon);
        Assert.False(lease.IsOurs);
        Assert.Equal("here", lease.Holder!.Host);
        Assert.Contains(orchestration.Id, (await Client.GetUnfinishedAsync(Soon)).Entries.Keys);

        await orchestration.MakeActionsAsync(Echoes(3), cancellation: Soon);
        await orchestration.CompleteAsync(cancellation: Soon);
        await AwaitConditionAsync(async () => await _rival.FindAsync(orchestration.Id, Soon) is null, Patience);
    }

    [Fact]
    public async Task What_goes_on_after_its_end_is_owned_again()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Attempt == 1 ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        Assert.False((await Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromSeconds(1), retries: 0), Echo(1)), Soon))[0].Success);
        await orchestration.CompleteAsync(cancellation: Soon);
        await AwaitConditionAsync(async () => await _rival.FindAsync(orchestration.Id, Soon) is null, Patience);

        await Client.RetryAsync(orchestration.Id, null, Soon);
        Assert.Equal("here", (await _rival.AcquireAsync(orchestration.Id, false, Soon)).Holder!.Host);
    }

    [Fact]
    public async Task A_live_owner_elsewhere_keeps_an_orchestration_and_is_named()
    {
        var id = Client.NewId();
        await _rival.AcquireAsync(id, false, Soon);

        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => Client.ResumeAsync(id, Soon));
        Assert.Equal("OWNED", refused.Code);
        Assert.Contains($"owned by there, pid 1, until {Clock.Now.UtcDateTime + MemoryLeases.Duration:yyyy-MM-dd HH:mm:ss} UTC", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await FactsAsync(id));
    }

    [Fact]
    public async Task Leases_are_renewed_while_the_process_lives()
    {
        var orchestration = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            var before = (await _rival.FindAsync(orchestration.Id, Soon))!.Until;
            await AwaitConditionAsync(async () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(2));
                return (await _rival.FindAsync(orchestration.Id, Soon))!.Until > before;
            }, Patience, TimeSpan.FromMilliseconds(5));
        }
        Assert.False((await _rival.AcquireAsync(orchestration.Id, false, Soon)).IsOurs);
    }

    [Fact]
    public async Task One_who_is_told_to_takes_over_from_a_live_owner()
    {
        var orchestration = await StartAsync();
        await KillOrchestratorAsync();
        await _rival.AcquireAsync(orchestration.Id, true, Soon);
        Assert.Equal("OWNED", await RefusalAsync(orchestration.Id));

        await Client.TakeOverAsync(orchestration.Id, Soon);
        Assert.Single(await orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon));
        Assert.Equal(2, (await FactsAsync(orchestration.Id)).OfType<Resumed>().Max(r => r.Epoch));
    }

    [Fact]
    public async Task Who_is_taken_over_from_stops_and_what_ran_there_is_not_recorded()
    {
        var reply = new TaskCompletionSource<InvokeReply>();
        Invoker.OnInvoke = _ => reply.Task;
        var orchestration = await StartAsync();
        var batch = orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 1);
        await _rival.AcquireAsync(orchestration.Id, true, Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => batch.IsCompleted);

        var lost = await Assert.ThrowsAsync<OrchestrationException>(() => batch);
        Assert.Equal("OWNER_LOST", lost.Code);
        Assert.Contains("owned by there", lost.Message, StringComparison.Ordinal);
        var stored = await FactsAsync(orchestration.Id);
        reply.SetResult(ScriptedInvoker.Succeeded(Echo(1).Parameters));
        Assert.Equal("OWNED", await RefusalAsync(orchestration.Id));
        Assert.Equal(stored, await FactsAsync(orchestration.Id));
    }

    [Fact]
    public async Task Who_waits_for_the_end_of_one_that_sleeps_hears_that_it_was_taken_over()
    {
        Invoker.OnInvoke = _ => Task.FromResult<InvokeReply>(ScriptedInvoker.Failed());
        var orchestration = await StartAsync();
        var end = Client.WaitForEndAsync(orchestration.Id, Soon);
        await Client.SubmitBatchAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromHours(1)), Echo(1)), Soon);
        var region = (ActorRefWithCell)await Sys.ActorSelection("/user/orchestration/orchestrators").ResolveOne(Patience);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => Invoker.Invoked.Count == 1 && region.Children.All(c => c.Path.Name == "index"));
        Assert.False(end.IsCompleted);

        await _rival.AcquireAsync(orchestration.Id, true, Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => end.IsCompleted);
        Assert.Equal("OWNER_LOST", (await Assert.ThrowsAsync<OrchestrationException>(() => end)).Code);
    }

    [Fact]
    public async Task What_an_owner_leaves_behind_goes_on_by_itself_when_its_lease_has_run_out()
    {
        var orchestration = await StartAsync();
        await KillOrchestratorAsync();
        await _rival.AcquireAsync(orchestration.Id, true, Soon);
        Assert.Equal("OWNED", await RefusalAsync(orchestration.Id));

        await AwaitConditionAsync(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            return (await FactsAsync(orchestration.Id)).OfType<Resumed>().Count() == 2;
        }, Patience, TimeSpan.FromMilliseconds(5));
        Assert.Equal("here", (await _rival.FindAsync(orchestration.Id, Soon))!.Holder!.Host);
    }

    [Fact]
    public async Task What_is_in_quarantine_is_left_alone_and_what_is_given_back_is_taken()
    {
        var (broken, free) = (Client.NewId(), Client.NewId());
        await _rival.AcquireAsync(broken, false, Soon);
        await _rival.NoteAsync(broken, new IndexEntry(null, "cannot be read"), Soon);
        await _rival.AcquireAsync(free, false, Soon);
        await _rival.ReleaseAsync(null, Soon);
        await AwaitConditionAsync(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            return await _rival.FindAsync(free, Soon) is not { Holder: null };
        }, Patience, TimeSpan.FromMilliseconds(5));

        Assert.Equal("cannot be read", (await Client.GetUnfinishedAsync(Soon)).Entries[broken].Quarantine);
        Assert.Null((await _rival.FindAsync(broken, Soon))!.Holder);
    }

    [Fact]
    public async Task An_orchestration_that_sleeps_stays_owned_and_is_woken_in_time()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Attempt == 1 ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var submitted = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromHours(1)), Echo(1)), Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 1);
        // In steps that the leases survive: an hour of beats.
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => Invoker.Invoked.Count == 2);

        Assert.True((await submitted)[0].Success);
        Assert.Single((await FactsAsync(orchestration.Id)).OfType<Resumed>());
    }

    [Fact]
    public async Task A_lease_store_that_is_away_refuses_starts_and_keeps_what_runs()
    {
        var orchestration = await StartAsync();
        _leases.Down = true;
        Assert.Equal("STORAGE", (await Assert.ThrowsAsync<OrchestrationException>(() => StartAsync())).Code);
        Assert.Single(await orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon));
        await orchestration.CompleteAsync(cancellation: Soon);
        _leases.Down = false;
        await AwaitConditionAsync(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            return await _rival.FindAsync(orchestration.Id, Soon) is null;
        }, Patience, TimeSpan.FromMilliseconds(5));
    }

    /// <summary>What a question is refused with while the rival lives.</summary>
    private async Task<string> RefusalAsync(OrchestrationId id)
    {
        var asked = Client.GetProgressAsync(id, Soon);
        await AwaitConditionAsync(async () =>
        {
            await _rival.RenewAsync(Soon);
            if (!asked.IsCompleted)
                Clock.Advance(TimeSpan.FromSeconds(1));
            return asked.IsCompleted;
        }, Patience, TimeSpan.FromMilliseconds(5));
        return (await Assert.ThrowsAsync<OrchestrationException>(() => asked)).Code;
    }
}
