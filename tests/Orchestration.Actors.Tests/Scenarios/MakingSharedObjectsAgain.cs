using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Lost objects that several actions wrote, one after another: each appends its name to what is there.</summary>
public sealed class MakingSharedObjectsAgain : ObjectScenario
{
    private const string Shared = "b/log";

    public MakingSharedObjectsAgain() => Content = (name, _) => name[0] == 'w' ? Store.Get(Shared) + name + ";" : name;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public async Task All_writers_run_again_in_the_original_order_over_two_orchestrations(int count)
    {
        var runs = new[] { await StartAsync(), await StartAsync() };
        for (var i = 0; i < count; i++)
            Assert.True((await MakeAsync(runs[i % 2], Append($"w{i}")))[0].Success);
        var written = Store.Get(Shared);
        Store.Lose(Shared);
        ForgetWhatRan();

        var reading = MakeAsync(await StartAsync(), Reader("reader"));
        // The catalog tells who wrote in other orchestrations; it gathers for a moment.
        await PassUntilAsync(TimeSpan.FromMilliseconds(50), () => reading.IsCompleted);
        Assert.True((await reading)[0].Success);
        Assert.Equal([.. Enumerable.Range(0, count).Select(i => $"w{i}"), "reader"], Ran);
        Assert.Equal(written, Store.Get(Shared));

        // The order of writers is not changed by that.
        Store.Lose(Shared);
        ForgetWhatRan();
        Assert.True((await MakeAsync(runs[0], Reader("again")))[0].Success);
        Assert.Equal([.. Enumerable.Range(0, count).Select(i => $"w{i}"), "again"], Ran);
    }

    [Fact]
    public async Task Each_writer_runs_again_once_when_several_ask_for_several_of_its_objects()
    {
        var run = await StartAsync();
        await MakeAsync(run, Append("w0", Shared, "b/other"));
        await MakeAsync(run, Append("w1"));
        await MakeAsync(run, Append("w2", Shared, "b/other"));
        Store.Lose(Shared, "b/other");
        ForgetWhatRan();

        var results = await MakeAsync(run, Act("r0", [Shared]), Act("r1", ["b/other"]), Act("r2", ["b/other", Shared]));
        Assert.All(results, r => Assert.True(r.Success));
        Assert.Equal(["w0", "w1", "w2"], Ran.Take(3));
        Assert.Equal(6, Ran.Count);
        Assert.Equal("w0;w1;w2;", Store.Get(Shared));
    }

    [Fact]
    public async Task Two_orchestrations_that_need_it_at_the_same_time_share_each_re_run()
    {
        var runs = new[] { await StartAsync(), await StartAsync() };
        for (var i = 0; i < 6; i++)
            await MakeAsync(runs[i % 2], Append($"w{i}"));
        Store.Lose(Shared);
        ForgetWhatRan();

        var reading = Task.WhenAll(runs.Select((run, i) => MakeAsync(run, Reader($"reader{i}"))));
        await PassUntilAsync(TimeSpan.FromMilliseconds(50), () => reading.IsCompleted);
        Assert.All(await reading, r => Assert.True(r[0].Success));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"w{i}"), Ran.Where(n => n[0] == 'w'));
        Assert.Equal("w0;w1;w2;w3;w4;w5;", Store.Get(Shared));
    }

    [Fact]
    public async Task What_one_orchestration_left_half_made_the_next_one_goes_on_with()
    {
        var runs = new[] { await StartAsync(), await StartAsync() };
        for (var i = 0; i < 4; i++)
            await MakeAsync(runs[0], Append($"w{i}"));
        Store.Lose(Shared);
        ForgetWhatRan();
        var hold = new TaskCompletionSource();
        var act = Invoker.OnInvoke;
        Invoker.OnInvoke = async request =>
        {
            if (request.Name == "w0")
                await hold.Task;
            return await act(request);
        };
        var abandoned = MakeAsync(runs[0], Reader("reader0"));
        await UntilAsync(() => Invoker.Invoked.Count(i => i.Name == "w0") == 2);
        var reading = MakeAsync(runs[1], Reader("reader1"));
        await PassUntilAsync(TimeSpan.FromMilliseconds(50), () => FactsAsync(runs[1].Id).Result.OfType<BatchSealed>().Any(b => b.Recovery));
        var failing = true;
        Fails = name => name == "w2" && failing;
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromMilliseconds(50), () => abandoned.IsCompleted);
        Assert.Equal("PRODUCER_FAILED", (await abandoned)[0].Failure!.Code);
        failing = false;
        await PassUntilAsync(TimeSpan.FromMilliseconds(50), () => reading.IsCompleted);

        Assert.True((await reading)[0].Success);
        Assert.Equal("w0;w1;w2;w3;", Store.Get(Shared));
    }

    [Fact]
    public async Task When_it_is_lost_again_in_the_middle_the_writers_before_run_once_more()
    {
        var run = await StartAsync();
        for (var i = 0; i < 4; i++)
            await MakeAsync(run, Append($"w{i}"));
        Store.Lose(Shared);
        ForgetWhatRan();
        var losses = 0;
        After = name =>
        {
            if (name == "w1" && losses++ == 0)
                Store.Lose(Shared);
        };

        Assert.True((await MakeAsync(run, Reader("reader")))[0].Success);
        Assert.Equal(["w0", "w1", "w0", "w1", "w2", "w3", "reader"], Ran);
        Assert.Equal("w0;w1;w2;w3;", Store.Get(Shared));
    }

    [Fact]
    public async Task When_one_writer_fails_the_readers_get_the_error_with_the_path_and_no_later_writer_runs()
    {
        var run = await StartAsync();
        for (var i = 0; i < 3; i++)
            await MakeAsync(run, Append($"w{i}"));
        Store.Lose(Shared);
        ForgetWhatRan();
        Fails = name => name == "w1";
        var reading = run.MakeActionsAsync([Reader("reader")], cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => reading.IsCompleted);

        var failure = (await reading)[0].Failure!;
        Assert.Equal("PRODUCER_FAILED", failure.Code);
        Assert.StartsWith("b/log ← w1 ← w2 ← reader: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("w2", Ran);
    }

    [Fact]
    public async Task A_chain_of_writers_goes_on_after_the_orchestrator_died()
    {
        var run = await StartAsync();
        for (var i = 0; i < 4; i++)
            await MakeAsync(run, Append($"w{i}"));
        Store.Lose(Shared);
        ForgetWhatRan();
        var (act, hold) = (Invoker.OnInvoke, new TaskCompletionSource());
        Invoker.OnInvoke = async request =>
        {
            if (request.Name == "w2" && !hold.Task.IsCompleted)
                await hold.Task;
            return await act(request);
        };
        var reading = MakeAsync(run, Reader("reader"));
        await UntilAsync(() => Invoker.Invoked.Count(i => i.Name == "w2") == 2);
        await KillOrchestratorAsync();
        Invoker.OnInvoke = act;
        await PassUntilAsync(TimeSpan.FromSeconds(2), () => Ran.Contains("reader"));

        Assert.Equal(["w0", "w1", "w2", "w3", "reader"], Ran);
        Assert.Equal("w0;w1;w2;w3;", Store.Get(Shared));
        hold.SetResult();
        _ = reading.ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task Content_is_compared_when_the_last_writer_has_written()
    {
        var run = await StartAsync();
        for (var i = 0; i < 3; i++)
            await MakeAsync(run, Append($"w{i}"));
        Store.Lose(Shared);

        Assert.True((await MakeAsync(run, Reader("reader")))[0].Success);
        Assert.Empty((await FactsAsync(run.Id)).OfType<ObjectsChanged>());
    }

    [Theory]
    [InlineData(Writers.Shared, new[] { "w0", "w1", "reader" })]
    [InlineData(Writers.Single, new[] { "w1", "reader" })]
    public async Task Of_writers_that_declare_nothing_all_count_when_their_batch_says_that_they_share(Writers writers, string[] expected)
    {
        var run = await StartAsync();
        foreach (var name in new[] { "w0", "w1" })
            await Client.MakeActionsAsync(run.Id, new BatchSpec(name, [Act(name, [], Shared)], new BatchOptions(null, RetryPolicy.Default, writers)), Soon);
        Store.Lose(Shared);
        ForgetWhatRan();

        Assert.True((await MakeAsync(run, Reader("reader")))[0].Success);
        Assert.Equal(expected, Ran);
    }

    protected override void Options(Hosting.OrchestrationOptions options)
    {
        base.Options(options);
        options.UseCatalog(_ => Catalog);
    }

    private HistoryCatalog Catalog { get; } = new();

    private static ActionSpec Reader(string name) => Act(name, [Shared]) with { Reads = [ObjectKey.Parse(Shared)] };

    private static ActionSpec Append(string name, params string[] objects)
    {
        string[] all = objects.Length == 0 ? [Shared] : objects;
        return Act(name, [], all) with { Writes = [.. all.Select(ObjectKey.Parse)] };
    }
}
