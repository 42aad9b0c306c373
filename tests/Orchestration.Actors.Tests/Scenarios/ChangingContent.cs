using Akka.Configuration;
using Orchestration.Actors.Client;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>A producer that makes something else than it made before: a ▶ x ▶ c ▶ y ▶ d ▶ z, and x is lost.</summary>
public abstract class ChangingContent(string policy) : ObjectScenario
{
    protected override Config? Config => ConfigurationFactory.ParseString($"orchestration.lineage.on-change = {policy}").WithFallback(base.Config!);

    protected async Task<OrchestrationHandle> LoseWhatComesOutDifferentAsync()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        await MakeAsync(run, Act("c", ["b/x"], "b/y"));
        await MakeAsync(run, Act("d", ["b/y"], "b/z"));
        Store.Lose("b/x");
        ForgetWhatRan();
        var made = Content;
        Content = (name, inputs) => name == "a" ? "something else" : made(name, inputs);
        return run;
    }
}

public sealed class AcceptingChangedContent() : ChangingContent("accept")
{
    [Fact]
    public async Task The_new_content_counts_and_nothing_else_runs()
    {
        var run = await LoseWhatComesOutDifferentAsync();
        Assert.True((await MakeAsync(run, Act("reader", ["b/x"])))[0].Success);
        Assert.Equal(["a", "reader"], Ran);
    }
}

public sealed class FailingOnChangedContent() : ChangingContent("fail")
{
    [Fact]
    public async Task Whoever_waits_for_the_object_fails_with_the_path()
    {
        var run = await LoseWhatComesOutDifferentAsync();
        var failed = (await MakeAsync(run, Act("reader", ["b/x"])))[0].Failure!;
        Assert.Equal("CONTENT_CHANGED", failed.Code);
        Assert.StartsWith("b/x ← a ← reader: ", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], Ran);
    }
}

public sealed class InvalidatingOnChangedContent() : ChangingContent("invalidate")
{
    [Fact]
    public async Task What_had_read_the_old_content_runs_again_downstream()
    {
        var run = await LoseWhatComesOutDifferentAsync();
        Assert.True((await MakeAsync(run, Act("reader", ["b/x"])))[0].Success);
        await UntilAsync(() => Store.Get("b/z") == "d(c(something else))");
        Assert.Equal(["a", "c", "d", "reader"], Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_stops_where_the_content_comes_out_equal()
    {
        var before = Content;
        Content = (name, inputs) => name == "c" ? "always the same" : before(name, inputs);
        var run = await LoseWhatComesOutDifferentAsync();
        Assert.True((await MakeAsync(run, Act("reader", ["b/x"])))[0].Success);
        await AwaitConditionAsync(async () => (await FactsAsync(run.Id)).OfType<BatchEnded>().Count() == 6, Patience);
        Assert.Equal(["a", "c", "reader"], Ran.Order(StringComparer.Ordinal));
    }
}
