using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;
using Orchestration.Core.Reports;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>Lost objects make themselves again, each producer once and nothing else.</summary>
public sealed class MakingLostObjects : ObjectScenario
{
    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_chain_whose_ancestors_are_all_lost_runs_once_more_in_order(int length)
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, length);
        Store.Lose(Enumerable.Range(0, length).Select(i => $"b/o{i}"));

        Assert.True((await MakeAsync(run, Act("reader", [last])))[0].Success);
        Assert.Equal([.. Enumerable.Range(0, length).Select(i => $"a{i}"), "reader"], Ran);
    }

    [Fact]
    public async Task A_producer_runs_again_with_its_own_id_and_parameters_and_the_readers_retries_stay()
    {
        var run = await StartAsync();
        var made = await MakeAsync(run, Act("a", [], "b/x"));
        Store.Lose("b/x");
        var first = Invoker.Invoked.Single();

        Assert.True((await run.MakeActionsAsync([Act("reader", ["b/x"])], retries: 0, cancellation: Soon))[0].Success);
        var again = Invoker.Invoked.Where(i => i.Name == "a").Last();
        Assert.Equal((made[0].ActionId, first.Parameters, run.Id), (again.ActionId, again.Parameters, again.OrchestrationId));
    }

    [Fact]
    public async Task A_missing_input_is_found_before_the_reader_is_invoked()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        Store.Lose("b/x");
        ForgetWhatRan();
        await MakeAsync(run, Act("reader", ["b/x"]));

        Assert.Equal(["a", "reader"], Ran);
        var ends = (await FactsAsync(run.Id)).OfType<AttemptFailed>().Select(f => f.Outcome);
        Assert.Equal([Core.Retries.AttemptOutcome.InputMissing], ends);
    }

    [Fact]
    public async Task Without_a_look_at_the_store_failures_drive_the_recovery()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 3);
        Store.Lose("b/o0", "b/o1", "b/o2");
        Store.Refuses = true;

        Assert.True((await MakeAsync(run, Act("reader", [last])))[0].Success);
        Assert.Equal(["reader", "a2", "a1", "a0", "a1", "a2", "reader"], Ran);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(500)]
    public async Task Of_a_thousand_inputs_the_lost_ones_alone_are_made_again_in_one_pass(int count)
    {
        var run = await StartAsync();
        var names = Enumerable.Range(0, 1000).Select(i => $"b/o{i}").ToArray();
        await MakeAsync(run, [.. names.Select((n, i) => Act($"a{i}", [], n))]);
        var lost = names.Where((_, i) => i % (1000 / count) == 0).ToArray();
        Store.Lose(lost);
        ForgetWhatRan();

        Assert.True((await MakeAsync(run, Act("reader", names)))[0].Success);
        Assert.Equal(count + 1, Ran.Count);
        Assert.Equal("reader", Ran[^1]);
        Assert.Single((await FactsAsync(run.Id)).OfType<BatchSealed>(), b => b.Recovery);
    }

    [Fact]
    public async Task One_of_many_outputs_and_what_was_made_of_it_take_three_invocations()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("split", [], [.. Enumerable.Range(0, 500).Select(i => $"b/part{i}")]));
        await MakeAsync(run, Act("work", ["b/part7"], "b/done7"));
        Store.Lose("b/part7", "b/done7");
        ForgetWhatRan();

        Assert.True((await MakeAsync(run, Act("join", ["b/done7"])))[0].Success);
        Assert.Equal(["split", "work", "join"], Ran);
    }

    [Fact]
    public async Task An_ancestor_that_a_hundred_readers_need_runs_once()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("top", [], "b/top"));
        await MakeAsync(run, Act("left", ["b/top"], "b/left"), Act("right", ["b/top"], "b/right"));
        Store.Lose("b/top", "b/left", "b/right");
        ForgetWhatRan();

        var results = await MakeAsync(run, [.. Enumerable.Range(0, 100).Select(i => Act($"reader{i}", ["b/left", "b/right"]))]);
        Assert.All(results, r => Assert.True(r.Success));
        Assert.Equal((1, 1, 1, 103), (Ran.Count(n => n == "top"), Ran.Count(n => n == "left"), Ran.Count(n => n == "right"), Ran.Count));
    }

    [Fact]
    public async Task The_same_object_is_made_again_as_often_as_the_bound_allows()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        for (var i = 0; i < 3; i++)
        {
            Store.Lose("b/x");
            Assert.True((await MakeAsync(run, Act("reader", ["b/x"])))[0].Success);
        }

        Store.Lose("b/x");
        var failed = (await MakeAsync(run, Act("reader", ["b/x"])))[0];
        Assert.Equal("RECOVERY_CHASES", failed.Failure!.Code);
        Assert.Contains("b/x ← a ← reader", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_lost_during_the_recovery_is_made_again_too()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 3);
        Store.Lose("b/o0", "b/o1", "b/o2");
        var once = true;
        Before = name =>
        {
            // When the last producer is about to start, its input goes once more.
            if (name == "a2" && once)
            {
                once = false;
                Store.Lose("b/o1");
            }
        };

        Assert.True((await MakeAsync(run, Act("reader", [last])))[0].Success);
        Assert.Equal(["a0", "a1", "a2", "a1", "a2", "reader"], Ran);
    }

    [Fact]
    public async Task An_object_that_nobody_made_fails_the_reader_with_the_path()
    {
        var run = await StartAsync();
        Store.Put("in/film", "x");
        await MakeAsync(run, Act("splitter", ["in/film"], "b/part"));
        Store.Lose("in/film", "b/part");
        var failed = (await MakeAsync(run, Act("other", []), Act("reader", ["b/part"])))[1];

        Assert.Equal("NO_PRODUCER", failed.Failure!.Code);
        Assert.StartsWith("in/film ← splitter ← reader[1]: ", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_producer_that_fails_again_fails_those_who_wait_for_it()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        await MakeAsync(run, Act("c", ["b/x"], "b/y"));
        Store.Lose("b/x", "b/y");
        Fails = name => name == "a";
        var results = run.MakeActionsAsync([Act("reader", ["b/y"]), Act("beside", [])], cancellation: Soon);
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => results.IsCompleted);

        var failed = (await results)[0];
        Assert.Equal("PRODUCER_FAILED", failed.Failure!.Code);
        Assert.StartsWith("b/x ← a ← c ← reader[0]: ", failed.Failure.Message, StringComparison.Ordinal);
        Assert.True((await results)[1].Success);
    }

    [Fact]
    public async Task A_producer_whose_action_is_gone_fails_those_who_wait_for_it_with_a_code_of_its_own()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        await MakeAsync(run, Act("c", ["b/x"], "b/y"));
        Store.Lose("b/x", "b/y");
        IsGone = name => name == "a";
        var failed = (await MakeAsync(run, Act("reader", ["b/y"])))[0];

        Assert.Equal("PRODUCER_GONE", failed.Failure!.Code);
        Assert.StartsWith("b/x ← a ← c ← reader: There is no action 'a'", failed.Failure.Message, StringComparison.Ordinal);
        using var error = failed.Failure.Raw!.Value.ToDocument();
        Assert.Equal(("b/x", "b/x ← a ← c ← reader"), (error.RootElement.GetProperty("meta").GetProperty("key").GetString(), error.RootElement.GetProperty("meta").GetProperty("path").GetString()));
    }

    [Fact]
    public async Task A_plan_of_a_random_graph_is_what_then_runs()
    {
        var run = await StartAsync();
        var random = new Random(5);
        var made = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            var reads = Enumerable.Range(0, Math.Min(i, random.Next(4))).Select(_ => made[random.Next(made.Count)]).Distinct().ToArray();
            made.Add($"b/o{i}");
            Assert.True((await MakeAsync(run, Act($"a{i}", reads, made[^1])))[0].Success);
        }

        Store.Lose(made.Where(_ => random.Next(2) == 0).ToList());
        ForgetWhatRan();
        var lineage = new Core.Recovery.Lineage();
        await foreach (var row in Client.ReadHistoryAsync(run.Id, Soon))
            lineage.Add(row.Commit);
        var wanted = made.TakeLast(20).Select(Core.Objects.ObjectKey.Parse).ToList();
        var planner = new Core.Recovery.RecoveryPlanner(wanted, lineage.Producer, 10_000, seesStore: true);
        var plan = await planner.RunAsync(
            keys => Task.FromResult<IReadOnlyDictionary<Core.Objects.ObjectKey, bool>>(keys.ToDictionary(k => k, k => Store.Get(k.Value) is not null)),
            keys => Task.FromResult<IReadOnlyDictionary<Core.Objects.ObjectKey, Core.Recovery.LineageAction?>>(keys.ToDictionary(k => k, lineage.Producer)),
            key => Task.FromResult<System.Collections.Immutable.ImmutableArray<Core.Recovery.LineageAction>>([.. lineage.Writers(key)]));

        Assert.True((await MakeAsync(run, Act("reader", [.. wanted.Select(k => k.Value)])))[0].Success);
        Assert.InRange(plan.Jobs.Length, 20, 199);
        Assert.Equal(plan.Jobs.Select(j => j.Action.Spec.Name).Order(), Ran.SkipLast(1).Order());
    }

    [Fact]
    public async Task A_recovery_goes_on_after_the_orchestrator_died_and_runs_nothing_twice()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 4);
        Store.Lose("b/o0", "b/o1", "b/o2", "b/o3");
        var hold = new TaskCompletionSource();
        var act = Invoker.OnInvoke;
        Invoker.OnInvoke = async request =>
        {
            if (request.Name == "a2" && !hold.Task.IsCompleted)
                await hold.Task;
            return await act(request);
        };
        var reading = MakeAsync(run, Act("reader", [last]));
        await UntilAsync(() => Invoker.Invoked.Count(i => i.Name == "a2") == 2);
        await KillOrchestratorAsync();
        hold.SetResult();
        await PassUntilAsync(TimeSpan.FromSeconds(1), () => Ran.Contains("reader"));

        // The attempt that the crash interrupted is repeated; what had been made is not.
        Assert.Equal((1, 1, 1), (Ran.Count(n => n == "a0"), Ran.Count(n => n == "a1"), Ran.Count(n => n == "a3")));
        Assert.True((await MakeAsync(run, Act("after", [last])))[0].Success);
        _ = reading.ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task The_report_tells_what_ran_again()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 2);
        Store.Lose("b/o0", "b/o1");
        await MakeAsync(run, Act("reader", [last]));
        await run.CompleteAsync(cancellation: Soon);

        var fold = new ReportFold(run.Id);
        await foreach (var row in Client.ReadHistoryAsync(run.Id, Soon))
            fold.Add(row.Commit);
        var report = fold.ToReport();
        Assert.Equal((3, 2), (report.Totals.Actions, report.Totals.Recoveries));
        Assert.Equal(["a0", "a1"], report.Actions.Where(a => a.Step == "recovery#1").Select(a => a.Name));
    }
}
