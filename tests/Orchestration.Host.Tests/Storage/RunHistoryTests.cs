using Orchestration.Core.Identity;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Storage;

public sealed class RunHistoryTests : Workplace
{
    [Fact]
    public async Task The_newest_runs_are_found_up_to_the_limit()
    {
        var ids = new List<OrchestrationId>();
        for (var run = 0; run < 3; run++)
            ids.Add(OrchestrationId.Parse((await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!));
        using var history = RunStorage.Of(new HostSettings { DataDirectory = PathOf(".orchestration") }).OpenHistory();

        Assert.Equal([ids[2]], history.FindIds("", 1));
        Assert.Equal([ids[2], ids[1]], history.FindIds("", 2));
        Assert.Equal([ids[2], ids[1], ids[0]], history.FindIds("", 9));
        Assert.Equal([ids[1]], history.FindIds(ids[1].Value, 9));
    }
}
