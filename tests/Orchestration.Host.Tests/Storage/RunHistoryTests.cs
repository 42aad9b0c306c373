using Orchestration.Core.Identity;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Storage;

public sealed class RunHistoryTests(SharedMongo mongo) : Workplace
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_newest_runs_are_found_up_to_the_limit(bool onMongoDb)
    {
        var database = onMongoDb ? mongo.Server.NewDatabase() : null;
        var ids = new List<OrchestrationId>();
        for (var run = 0; run < 3; run++)
            ids.Add(OrchestrationId.Parse((await RunOnAsync(database, "run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!));
        var settings = new HostSettings { DataDirectory = PathOf(".orchestration"), Database = database is null ? null : new Given(database, "--database"), CatalogDatabase = database is null ? null : new Given(CatalogOf(database), "setting") };
        using var history = RunStorage.Of(settings).OpenHistory();

        Assert.Equal([ids[2]], history.FindIds("", 1));
        Assert.Equal([ids[2], ids[1]], history.FindIds("", 2));
        Assert.Equal([ids[2], ids[1], ids[0]], history.FindIds("", 9));
        Assert.Equal([ids[1]], history.FindIds(ids[1].Value, 9));
        Assert.Single(history.ReadCommits(ids[1], 1));
        Assert.Equal(Enumerable.Range(1, history.ReadCommits(ids[1]).Count).Select(n => (long)n), history.ReadCommits(ids[1]).Select(c => c.SequenceNr));
        Assert.Empty(history.ReadCommits(OrchestrationId.Parse("000000000000000000000000")));
    }
}
