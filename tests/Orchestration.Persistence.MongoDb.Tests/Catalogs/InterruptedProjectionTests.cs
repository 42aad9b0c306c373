using MongoDB.Bson;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>There are no transactions: whatever is cut off between two documents must come out as if it had not been.</summary>
public sealed class InterruptedProjectionTests(SharedMongo mongo)
{
    private static readonly string[] Collections = ["orchestrations", "actions", "action_store"];

    public static TheoryData<string> Runs => ["completed", "lost", "retried"];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_catalog_that_goes_down_at_any_update_catches_up_and_nothing_counts_twice(string name)
    {
        var commits = Commits(name);
        var expected = await DirectlyAsync(commits);
        var cuts = 0;
        for (var updates = int.MaxValue; cuts <= updates; cuts++)
        {
            var database = mongo.Server.NewDatabase();
            await using var proxy = new WireProxy(database, "none");
            var catalog = CatalogOfTest.Open(proxy.ConnectionString + "&serverSelectionTimeoutMS=1500");
            await catalog.PrepareAsync(CancellationToken.None);
            if (cuts > 0)
                proxy.GoDownAtUpdate(cuts);
            else
                proxy.GoUp();
            // Row by row, so that there is a place to be cut off between any two documents.
            await ProjectAsync(catalog, commits, proxy, isDown: cuts > 0);
            if (cuts == 0)
                updates = proxy.Updates;
            Assert.Equal(expected, await ReadAsync(database));
        }
        Assert.True(cuts > 3, $"only {cuts} updates");
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Whatever_a_crash_left_behind_the_cursor_is_not_applied_again_however_the_rows_come_then(string name)
    {
        var commits = Commits(name);
        var expected = await DirectlyAsync(commits);
        for (var cursor = 1; cursor < commits.Length; cursor++)
        {
            for (var ahead = cursor + 1; ahead <= commits.Length; ahead++)
            {
                var database = mongo.Server.NewDatabase();
                var catalog = CatalogOfTest.Open(database);
                await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[..cursor])], CancellationToken.None);
                var before = Assert.Single(await CatalogOfTest.ReadAsync(database, "orchestrations"));
                await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[cursor..ahead])], CancellationToken.None);
                await CatalogOfTest.Collection(database, "orchestrations").ReplaceOneAsync(new BsonDocument("_id", before["_id"]), before);

                await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[cursor..])], CancellationToken.None);

                Assert.Equal(expected, await ReadAsync(database));
            }
        }
    }

    [Fact]
    public async Task While_it_is_down_a_catalog_says_so_and_goes_on_afterwards()
    {
        await using var server = await MongoServer.StartOwnAsync();
        var catalog = CatalogOfTest.Open(server.Of("catalog"));
        var commits = CatalogRuns.Completed();
        await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[..2])], CancellationToken.None);
        await server.KillAsync();

        var e = await Assert.ThrowsAsync<MongoStorageException>(() => catalog.ApplyAsync([CatalogRuns.Batch(0, commits[2..])], CancellationToken.None));
        Assert.Contains("cannot be reached", e.Message, StringComparison.Ordinal);

        await server.StartAgainAsync();
        await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[2..])], CancellationToken.None);
        Assert.Equal("completed", Assert.Single(await catalog.ListRunsAsync(new RunQuery(), CancellationToken.None)).Status);
    }

    private static StoredCommit[] Commits(string name) => name switch
    {
        "completed" => [.. CatalogRuns.Completed()],
        "lost" => [.. CatalogRuns.LostObjects(0)],
        _ => [.. CatalogRuns.Retried(0)],
    };

    private static async Task ProjectAsync(MongoDbCatalog catalog, StoredCommit[] commits, WireProxy proxy, bool isDown)
    {
        foreach (var commit in commits)
        {
            try
            {
                await catalog.ApplyAsync([CatalogRuns.Batch(0, [commit])], CancellationToken.None);
            }
            catch (MongoStorageException) when (isDown)
            {
                isDown = false;
                proxy.GoUp();
                var cursor = await catalog.GetCursorAsync(CatalogRuns.Id(0), CancellationToken.None);
                await catalog.ApplyAsync([CatalogRuns.Batch(0, commits[(int)cursor..])], CancellationToken.None);
                return;
            }
        }
    }

    private async Task<string> DirectlyAsync(StoredCommit[] commits)
    {
        var database = mongo.Server.NewDatabase();
        await CatalogOfTest.Open(database).ApplyAsync([CatalogRuns.Batch(0, commits)], CancellationToken.None);
        return await ReadAsync(database);
    }

    // Members may stand in another order, and which row was the last to touch a document depends on how rows were gathered.
    private static async Task<string> ReadAsync(string database)
    {
        var lines = new List<string>();
        foreach (var collection in Collections)
            lines.AddRange((await CatalogOfTest.ReadAsync(database, collection)).Select(d => $"{collection} {Sorted(d)}"));
        return string.Join('\n', lines);
    }

    private static BsonValue Sorted(BsonValue value) => value switch
    {
        BsonDocument document => new BsonDocument(document.OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => new BsonElement(e.Name, Sorted(e.Value)))),
        BsonArray array => new BsonArray(array.Select(Sorted)),
        _ => value,
    };
}
