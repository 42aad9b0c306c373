using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Recovery;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Whatever needs a producer to run again, in however many orchestrations, shares one re-run.</summary>
public sealed class SharingReruns : ObjectScenario
{
    private readonly FlakyCatalog _catalog = new();

    protected override void Options(OrchestrationOptions options)
    {
        base.Options(options);
        options.UseCatalog(_ => _catalog);
    }

    [Fact]
    public async Task An_ancestor_that_a_hundred_readers_of_two_orchestrations_need_runs_once()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        await MakeAsync(first, Act("top", [], "b/top"));
        await MakeAsync(first, Act("left", ["b/top"], "b/left"), Act("right", ["b/top"], "b/right"));
        Store.Lose("b/top", "b/left", "b/right");
        ForgetWhatRan();

        // The action that both need first is held until both have asked for it.
        var hold = Hold("top");
        var readers = Task.WhenAll(
            MakeAsync(first, [.. Enumerable.Range(0, 50).Select(i => Act($"reader{i}", ["b/left", "b/right"]))]),
            MakeAsync(second, [.. Enumerable.Range(50, 50).Select(i => Act($"reader{i}", ["b/left", "b/right"]))]));
        await UntilPlannedAsync(first, second);
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => readers.IsCompleted);

        Assert.All((await readers).SelectMany(r => r), r => Assert.True(r.Success));
        Assert.Equal((1, 1, 1), (Again("top"), Again("left"), Again("right")));
    }

    [Fact]
    public async Task When_the_orchestration_that_runs_it_is_cancelled_the_next_one_takes_over()
    {
        var (runner, waiter, hold, reading) = await TwoThatWaitAsync();
        await runner.CancelAsync("enough", Soon);
        await UntilAsync(() => Again("a") == 2);
        hold.SetResult();
        Assert.True((await reading)[0].Success);
        Assert.Contains((await FactsAsync(waiter.Id)).OfType<AttemptSucceeded>(), s => s.Objects.Writes.Any(w => w.Object.Value == "b/x"));
    }

    [Fact]
    public async Task When_the_producer_fails_where_it_runs_the_next_one_runs_it()
    {
        var (_, _, hold, reading) = await TwoThatWaitAsync();
        var failures = 0;
        Fails = name => name == "a" && Interlocked.Increment(ref failures) <= 4;
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted);
        Assert.True((await reading)[0].Success);
    }

    [Fact]
    public async Task A_chain_that_two_orchestrations_need_runs_once()
    {
        const int length = 20;
        var (first, second, last) = await LoseChainAsync(length);
        var hold = Hold("a0");
        var readers = Task.WhenAll(MakeAsync(first, Act("reader", [last])), MakeAsync(second, Act("reader", [last])));
        await UntilPlannedAsync(first, second);
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => readers.IsCompleted);

        Assert.All((await readers).SelectMany(r => r), r => Assert.True(r.Success));
        Assert.All(Enumerable.Range(0, length), i => Assert.Equal(1, Again($"a{i}")));
    }

    [Fact]
    public async Task Turns_asked_for_ahead_are_given_up_when_what_is_to_run_before_fails()
    {
        var (runner, waiter, last) = await LoseChainAsync(5);
        var hold = Hold("a0");
        var failing = MakeAsync(runner, Act("reader", [last]));
        await UntilAsync(() => Again("a0") == 1);
        var reading = MakeAsync(waiter, Act("reader", [last]));
        await UntilPlannedAsync(waiter);
        var failures = 0;
        Fails = name => name == "a0" && Interlocked.Increment(ref failures) <= 4;
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted && failing.IsCompleted);

        Assert.Equal("PRODUCER_FAILED", (await failing)[0].Failure!.Code);
        Assert.True((await reading)[0].Success);
        Assert.All(Enumerable.Range(1, 4), i => Assert.Equal(1, Again($"a{i}")));
    }

    [Fact]
    public async Task What_one_makes_the_other_does_not_make_again()
    {
        var (runner, waiter, hold, reading) = await TwoThatWaitAsync();
        hold.SetResult();
        Assert.True((await reading)[0].Success);
        Assert.Equal(1, Again("a"));
        var shared = Assert.Single((await FactsAsync(waiter.Id)).OfType<MadeElsewhere>());
        Assert.Equal(runner.Id, shared.By);
    }

    [Fact]
    public async Task The_turn_of_one_that_crashed_is_kept_until_it_is_back()
    {
        var (runner, waiter, hold, reading) = await TwoThatWaitAsync();
        await KillAsync(runner.Id);
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted);

        // The attempt that the crash interrupted is repeated by the one that had the turn.
        Assert.True((await reading)[0].Success);
        Assert.Empty((await FactsAsync(waiter.Id)).OfType<RerunGranted>());
        Assert.Equal(2, Again("a"));
    }

    [Fact]
    public async Task One_that_does_not_come_back_is_not_waited_for_for_ever()
    {
        var run = await StartAsync();
        var made = await MakeAsync(run, Act("a", [], "b/x"));
        Store.Lose("b/x");
        var absent = CreateTestProbe();
        var ledger = await Sys.ActorSelection("/user/orchestration/reruns").ResolveOne(Patience);
        ledger.Tell(new RerunProtocol.Claim(OrchestrationId.Parse("65e5560f0000000000000001"), [made[0].ActionId], true), absent);
        await absent.ExpectMsgAsync<RerunProtocol.News>(Patience);
        Sys.Stop(absent);
        ForgetWhatRan();

        var reading = MakeAsync(run, Act("reader", ["b/x"]));
        await UntilPlannedAsync(run);
        Assert.Empty(Ran);
        await PassUntilAsync(TimeSpan.FromSeconds(5), () => reading.IsCompleted);
        Assert.True((await reading)[0].Success);
        Assert.Equal(["a", "reader"], Ran);
    }

    [Fact]
    public async Task A_ledger_that_crashed_forgets_no_turn_and_nobody_who_waits()
    {
        var (_, _, hold, reading) = await TwoThatWaitAsync();
        var ledger = await Sys.ActorSelection("/user/orchestration/reruns/ledger").ResolveOne(Patience);
        await WatchAsync(ledger);
        ledger.Tell(Kill.Instance);
        await ExpectTerminatedAsync(ledger, Patience);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Clock.Advance(TimeSpan.FromSeconds(5));
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted);

        Assert.True((await reading)[0].Success);
        Assert.Equal(1, Again("a"));
    }

    [Fact]
    public async Task Orchestrations_that_need_each_others_producers_in_a_circle_fail_and_do_not_wait_for_ever()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Store.Put("b/y", "by hand");
        await MakeAsync(first, Act("x", ["b/y"], "b/x"));
        await MakeAsync(second, Act("y", ["b/x"], "b/y"));
        Store.Lose("b/x");
        ForgetWhatRan();
        var hold = Hold("x");
        var one = MakeAsync(first, Act("reader", ["b/x"]));
        await UntilAsync(() => Again("x") == 1);
        Store.Lose("b/y");
        var other = MakeAsync(second, Act("reader", ["b/y"]));
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => other.IsCompleted);
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromMilliseconds(100), () => one.IsCompleted);

        Assert.Equal(["RECOVERY_CYCLE", "RECOVERY_CYCLE"], new[] { await one, await other }.Select(r => r[0].Failure!.Code));
    }

    /// <summary>Two orchestrations whose readers need one lost object; the first runs its producer, held until told, and the second waits for that.</summary>
    private async Task<(OrchestrationHandle Runner, OrchestrationHandle Waiter, TaskCompletionSource Hold, Task<IReadOnlyList<Core.Pipelines.ActionResult>> Reading)> TwoThatWaitAsync()
    {
        var runner = await StartAsync();
        var waiter = await StartAsync();
        await MakeAsync(runner, Act("a", [], "b/x"));
        Store.Lose("b/x");
        ForgetWhatRan();
        var hold = Hold("a");
        var abandoned = MakeAsync(runner, Act("reader", ["b/x"]));
        _ = abandoned.ContinueWith(t => t.Exception, TaskScheduler.Default);
        await UntilAsync(() => Again("a") == 1);
        var reading = MakeAsync(waiter, Act("reader", ["b/x"]));
        await UntilPlannedAsync(waiter);
        Assert.Equal(1, Again("a"));
        return (runner, waiter, hold, reading);
    }

    /// <summary>Two orchestrations, the first of which made a chain that is lost.</summary>
    private async Task<(OrchestrationHandle First, OrchestrationHandle Second, string Last)> LoseChainAsync(int length)
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        var last = await MakeChainAsync(first, length);
        Store.Lose(Enumerable.Range(0, length).Select(i => $"b/o{i}"));
        return (first, second, last);
    }

    /// <summary>How often an action was invoked after its first time.</summary>
    private int Again(string name) => Invoker.Invoked.Count(i => i.Name == name) - 1;

    private TaskCompletionSource Hold(string name)
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var act = Invoker.OnInvoke;
        Invoker.OnInvoke = async request =>
        {
            if (request.Name == name)
                await hold.Task;
            return await act(request);
        };
        return hold;
    }

    private Task UntilPlannedAsync(params OrchestrationHandle[] runs) => AwaitConditionAsync(async () =>
    {
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        foreach (var run in runs)
            if (!(await FactsAsync(run.Id)).OfType<BatchSealed>().Any(b => b.Recovery))
                return false;
        return true;
    }, Patience);

    private async Task KillAsync(OrchestrationId id)
    {
        var region = await Sys.ActorSelection("/user/orchestration/orchestrators").ResolveOne(Patience);
        foreach (var child in ((ActorRefWithCell)region).Children.Where(c => c.Path.Name != "index"))
        {
            var progress = await child.Ask(new Protocol.OrchestratorRequests.GetProgress(), Patience);
            if (progress is not OrchestrationProgress known || known.Id != id)
                continue;
            await WatchAsync(child);
            child.Tell(Akka.Actor.Kill.Instance);
            await ExpectTerminatedAsync(child, Patience);
        }
    }
}
