using Akka.Configuration;
using Orchestration.Actors.Tests.Support;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>The bounds of recovery, set otherwise than they are by default.</summary>
public sealed class BoundingRecovery : ObjectScenario
{
    protected override Config? Config => ConfigurationFactory.ParseString("orchestration.lineage { max-chases = 100, max-depth = 4, max-jobs = 110 }").WithFallback(base.Config!);

    [Fact]
    public async Task The_same_object_is_made_again_a_hundred_times_when_the_bound_is_raised()
    {
        var run = await StartAsync();
        await MakeAsync(run, Act("a", [], "b/x"));
        ForgetWhatRan();
        for (var i = 0; i < 100; i++)
        {
            Store.Lose("b/x");
            Assert.True((await MakeAsync(run, Act("reader", ["b/x"])))[0].Success);
        }

        Assert.Equal((100, 100), (Ran.Count(n => n == "a"), Ran.Count(n => n == "reader")));
    }

    [Fact]
    public async Task More_producers_behind_each_other_than_allowed_are_refused_with_the_path()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 5);
        Store.Lose(Enumerable.Range(0, 5).Select(i => $"b/o{i}"));
        var failed = (await MakeAsync(run, Act("reader", [last])))[0].Failure!;

        Assert.Equal("RECOVERY_DEPTH", failed.Code);
        Assert.StartsWith("b/o0 ← a1 ← a2 ← a3 ← a4 ← reader: ", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Ran);
    }

    [Fact]
    public async Task More_re_runs_than_allowed_are_refused()
    {
        var run = await StartAsync();
        var names = Enumerable.Range(0, 111).Select(i => $"b/o{i}").ToArray();
        await MakeAsync(run, [.. names.Select((n, i) => Act($"a{i}", [], n))]);
        Store.Lose(names);
        ForgetWhatRan();
        var failed = (await MakeAsync(run, Act("reader", names)))[0].Failure!;

        Assert.Equal("RECOVERY_BUDGET", failed.Code);
        Assert.Contains("max-jobs", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Ran);
    }
}
