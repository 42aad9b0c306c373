using Akka.Actor;
using Akka.Persistence;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.State;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>The index, the catalog, quarantine, and leaving memory.</summary>
public sealed class Keeping : OrchestrationScenario
{
    private readonly FlakyCatalog _catalog = new();

    protected override void Options(OrchestrationOptions options) => options.UseCatalog(_ => _catalog);

    [Fact]
    public async Task An_orchestration_is_in_the_index_before_its_start_is_acknowledged_and_gone_after_its_end_is_in_the_catalog()
    {
        var orchestration = await StartAsync();
        Assert.Contains(orchestration.Id, (await Client.GetUnfinishedAsync(Soon)).Entries.Keys);
        _catalog.Down = true;
        await orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);
        await orchestration.CompleteAsync(cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => _catalog.Refused >= 3);
        Assert.Contains(orchestration.Id, (await Client.GetUnfinishedAsync(Soon)).Entries.Keys);

        _catalog.Down = false;
        await AwaitConditionAsync(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            return (await Client.GetUnfinishedAsync(Soon)).Entries.IsEmpty;
        }, Patience);
        Assert.Equal(await FactsAsync(orchestration.Id), _catalog.Facts);
    }

    [Fact]
    public async Task The_catalog_catches_up_from_the_journal_when_it_was_down_for_long()
    {
        _catalog.Down = true;
        var orchestration = await StartAsync();
        for (var i = 0; i < 60; i++)
            await orchestration.MakeActionsAsync(Echoes(3), cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => _catalog.Refused >= 1);
        await KillOrchestratorAsync();
        _catalog.Down = false;
        var completed = orchestration.CompleteAsync(cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromMilliseconds(300), () => completed.IsCompleted && _catalog.Facts.LastOrDefault() is OrchestrationCompleted);

        await completed;
        Assert.Equal(await FactsAsync(orchestration.Id), _catalog.Facts);
    }

    [Fact]
    public async Task An_idle_orchestration_leaves_memory_and_comes_back_when_it_is_asked()
    {
        var orchestration = await StartAsync();
        await orchestration.MakeActionsAsync(Echoes(2), key: "b", cancellation: Soon);
        var region = (ActorRefWithCell)await Sys.ActorSelection("/user/orchestration/orchestrators").ResolveOne(Patience);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => region.Children.All(c => c.Path.Name == "index"));

        Assert.NotNull((await Client.GetUnfinishedAsync(Soon)).Entries[orchestration.Id].SleepsUntil);
        Assert.Equal(2, (await Client.GetResultsAsync(orchestration.Id, "b", Soon)).Count);
        await orchestration.CompleteAsync(cancellation: Soon);
    }

    [Fact]
    public async Task Who_waits_for_an_end_keeps_nothing_in_memory_and_hears_of_it_all_the_same()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Attempt == 1 ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var end = Client.WaitForEndAsync(orchestration.Id, Soon);
        await Client.SubmitBatchAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromHours(1)), Echo(1)), Soon);
        var region = (ActorRefWithCell)await Sys.ActorSelection("/user/orchestration/orchestrators").ResolveOne(Patience);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => Invoker.Invoked.Count == 1 && region.Children.All(c => c.Path.Name == "index"));

        // Asking again, as waiters do, does not bring it back.
        Clock.Advance(TimeSpan.FromSeconds(10));
        var another = Client.WaitForEndAsync(orchestration.Id, Soon);
        await Client.GetPacingAsync(Soon);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.All(region.Children, c => Assert.Equal("index", c.Path.Name));

        await PassUntilAsync(TimeSpan.FromMinutes(1), () => Invoker.Invoked.Count == 2);
        await Client.CompleteAsync(orchestration.Id, Core.Json.JsonBytes.Null, Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => end.IsCompleted && another.IsCompleted);
        Assert.Equal(OrchestrationStatus.Completed, (await end).Status);
        // One that has ended and left memory still tells.
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => region.Children.All(c => c.Path.Name == "index"));
        Assert.Equal(OrchestrationStatus.Completed, (await Client.WaitForEndAsync(orchestration.Id, Soon)).Status);
    }

    [Fact]
    public async Task An_orchestration_that_sleeps_until_a_retry_is_woken_in_time()
    {
        Invoker.OnInvoke = r => Task.FromResult(r.Attempt == 1 ? ScriptedInvoker.Failed() : ScriptedInvoker.Succeeded(r.Parameters));
        var orchestration = await StartAsync();
        var submitted = Client.MakeActionsAsync(orchestration.Id, Batch("b", Every(TimeSpan.FromHours(1)), Echo(1)), Soon);
        await UntilAsync(() => Invoker.Invoked.Count == 1);
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => Invoker.Invoked.Count == 2);

        Assert.True((await submitted)[0].Success);
        var starts = (await FactsAsync(orchestration.Id)).OfType<AttemptStarted>().ToList();
        Assert.InRange(starts[1].Time - starts[0].Time, TimeSpan.FromHours(1), TimeSpan.FromHours(1.1));
    }

    [Fact]
    public async Task An_orchestration_that_cannot_recover_is_put_into_quarantine_with_its_reason()
    {
        var id = Client.NewId();
        var planted = new TaskCompletionSource();
        var row = new Commit([new BatchEnded(DateTimeOffset.UnixEpoch, 7)]);
        Sys.ActorOf(Props.Create(() => new Planter($"orchestration-{id}", row, planted)));
        await planted.Task.WaitAsync(Patience);
        var asked = Client.GetProgressAsync(id, Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => asked.IsCompleted);

        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => asked);
        Assert.Equal("QUARANTINED", refused.Code);
        Assert.Contains("5 times", refused.Message, StringComparison.Ordinal);

        var resumed = Client.ResumeAsync(id, Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => resumed.IsCompleted);
        Assert.Equal("QUARANTINED", (await Assert.ThrowsAsync<OrchestrationException>(() => resumed)).Code);
    }

    [Fact]
    public async Task Another_platform_than_the_stored_one_is_refused()
    {
        var id = Client.NewId();
        var planted = new TaskCompletionSource();
        var elsewhere = new Commit([
            new OrchestrationStarted(DateTimeOffset.UnixEpoch, id, "n", Here with { ApiHost = "https://other" }, null, default),
            new ActionsAdded(DateTimeOffset.UnixEpoch, 0, 0, ActionId.Parse("6745a1b2c3d4e5f601234567"), [.. Echoes(50)]),
            new BatchSealed(DateTimeOffset.UnixEpoch, 0, "b", "h", 50, BatchOptions.Default),
        ]);
        Sys.ActorOf(Props.Create(() => new Planter($"orchestration-{id}", elsewhere, planted)));
        await planted.Task.WaitAsync(Patience);

        var refused = await Assert.ThrowsAsync<OrchestrationException>(() => Client.WaitForEndAsync(id, Soon));
        Assert.Equal("OTHER_PLATFORM", refused.Code);
        Assert.Contains("https://other", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Invoker.Invoked);

        var other = await StartAsync();
        Assert.Equal(40, (await other.MakeActionsAsync(Echoes(40), cancellation: Soon)).Count);
    }

    [Fact]
    public async Task The_index_decides_with_the_changes_whose_writes_are_under_way()
    {
        Assert.Empty((await Client.GetUnfinishedAsync(Soon)).Entries);
        var index = await Sys.ActorSelection("/user/orchestration/orchestrators/index").ResolveOne(Patience);
        var (gone, awake) = (Client.NewId(), Client.NewId());
        index.Tell(new IndexProtocol.Add(gone), TestActor);
        index.Tell(new IndexProtocol.Remove(gone), TestActor);
        index.Tell(new IndexProtocol.Add(awake), TestActor);
        index.Tell(new IndexProtocol.Sleep(awake, DateTimeOffset.MaxValue), TestActor);
        index.Tell(new IndexProtocol.Add(awake), TestActor);
        for (var i = 0; i < 3; i++)
            await ExpectMsgAsync<IndexProtocol.Added>(Patience);

        await AwaitConditionAsync(async () =>
        {
            var entries = (await Client.GetUnfinishedAsync(Soon)).Entries;
            return entries.Count == 1 && entries.GetValueOrDefault(awake) == new IndexEntry(null, null);
        }, Patience);
    }

    [Fact]
    public async Task Watching_shows_rows_as_they_are_stored_and_ends_with_the_orchestration()
    {
        var orchestration = await StartAsync();
        var seen = new List<Fact>();
        var watching = Task.Run(async () =>
        {
            await foreach (var row in Client.WatchAsync(orchestration.Id, Soon))
                seen.AddRange(row.Commit.Facts);
        });
        await AwaitConditionAsync(async () =>
        {
            await orchestration.MakeActionsAsync([Echo(1)], cancellation: Soon);
            return seen.Count > 0;
        }, Patience);
        await orchestration.CompleteAsync(cancellation: Soon);
        await watching.WaitAsync(Patience);

        Assert.Contains(seen, f => f is AttemptSucceeded);
        Assert.IsType<OrchestrationCompleted>(seen[^1]);
    }

    private sealed class Planter : ReceivePersistentActor
    {
        public Planter(string persistenceId, Commit row, TaskCompletionSource done)
        {
            PersistenceId = persistenceId;
            Recover<RecoveryCompleted>(_ => Persist(row, _ =>
            {
                done.SetResult();
                Context.Stop(Self);
            }));
        }

        public override string PersistenceId { get; }
    }
}
