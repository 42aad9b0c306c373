using Orchestration.Actors.Hosting;
using Orchestration.Actors.Tests.Support;
using Orchestration.Core.Facts;

namespace Orchestration.Actors.Tests.Scenarios;

/// <summary>The orchestrator cannot look into the object store: each failure tells of the next lost object.</summary>
public sealed class RecoveringWithoutAStore : ObjectScenario
{
    protected override void Options(OrchestrationOptions options)
    {
    }

    [Fact]
    public async Task Failures_drive_the_recovery_up_the_chain()
    {
        var run = await StartAsync();
        var last = await MakeChainAsync(run, 3);
        Store.Lose("b/o0", "b/o1", "b/o2");

        Assert.True((await MakeAsync(run, Act("reader", [last])))[0].Success);
        Assert.Equal(["reader", "a2", "a1", "a0", "a1", "a2", "reader"], Ran);
        Assert.Equal(0, Store.Stats);
        Assert.All((await FactsAsync(run.Id)).OfType<AttemptFailed>(), f => Assert.False(f.UsedRetry));
    }
}
