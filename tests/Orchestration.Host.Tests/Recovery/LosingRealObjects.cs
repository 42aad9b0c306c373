namespace Orchestration.Host.Tests.Recovery;

/// <summary>Over the local OpenWhisk, with Python actions and real files: each lost object is made again with the least work, counted in invocations.</summary>
public sealed class LosingRealObjects : RealObjects
{
    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_chain_whose_ancestors_are_all_lost_runs_once_more_in_order(int length)
    {
        var run = await StartAsync();
        for (var i = 0; i < length; i++)
            await MakeAsync(run, Link($"a{i}", i == 0 ? [] : [$"o{i - 1}"], $"o{i}"));
        var before = Content($"o{length - 1}");
        Lose(Enumerable.Range(0, length).Select(i => $"o{i}"));
        ForgetCalls();

        await MakeAsync(run, Link("reader", [$"o{length - 1}"]));
        Assert.Equal([.. Enumerable.Range(0, length).Select(i => $"a{i}"), "reader"], Calls);
        Assert.Equal(before, Content($"o{length - 1}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public async Task Of_a_hundred_inputs_the_lost_ones_alone_are_made_again(int lost)
    {
        var run = await StartAsync();
        var names = Enumerable.Range(0, 100).Select(i => $"o{i}").ToList();
        await MakeAsync(run, names.Select(n => Link($"make-{n}", [], n)));
        var gone = names.Where((_, i) => i % (100 / lost) == 0).ToList();
        Lose(gone);
        ForgetCalls();

        await MakeAsync(run, Link("reader", names));
        Assert.Equal(gone.Select(n => $"make-{n}").Append("reader").Order(StringComparer.Ordinal), Calls.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_of_many_outputs_and_what_was_made_of_it_take_three_invocations()
    {
        var run = await StartAsync();
        await MakeAsync(run, Link("split", [], Enumerable.Range(0, 50).Select(i => $"part{i}")));
        await MakeAsync(run, Link("work", ["part7"], "done7"));
        Lose("part7", "done7");
        ForgetCalls();

        await MakeAsync(run, Link("join", ["done7"]));
        Assert.Equal(["split", "work", "join"], Calls);
    }

    [Fact]
    public async Task An_ancestor_that_readers_of_two_orchestrations_need_runs_once()
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        await MakeAsync(first, Link("top", [], "top"));
        await MakeAsync(first, Link("left", ["top"], "left"), Link("right", ["top"], "right"));
        Lose("top", "left", "right");
        ForgetCalls();

        await Task.WhenAll(new[] { first, second }.Select(run => MakeAsync(run, Enumerable.Range(0, 10).Select(i => Link("reader", ["left", "right"])))));

        // An action of the second orchestration that read nothing before finds out by failing; what it needs is made once all the same.
        Assert.Equal((1, 1, 1), (Calls.Count(c => c == "top"), Calls.Count(c => c == "left"), Calls.Count(c => c == "right")));
    }

    [Fact]
    public async Task The_same_object_is_made_again_as_often_as_it_is_lost()
    {
        var run = await StartAsync();
        await MakeAsync(run, Link("a", [], "x"));
        for (var i = 0; i < 10; i++)
        {
            Lose("x");
            await MakeAsync(run, Link("reader", ["x"]));
        }

        Assert.Equal((11, 10), (Calls.Count(c => c == "a"), Calls.Count(c => c == "reader")));
    }
}
