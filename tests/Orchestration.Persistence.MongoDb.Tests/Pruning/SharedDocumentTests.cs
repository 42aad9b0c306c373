using MongoDB.Bson;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Persistence.MongoDb.Tests.Catalogs;
using Orchestration.Tests.Services;
using static Orchestration.Persistence.Contract.CatalogRuns;

namespace Orchestration.Persistence.MongoDb.Tests.Pruning;

/// <summary>An action that is run again in another run keeps its documents, so that these belong to several runs.</summary>
public sealed class SharedDocumentTests(SharedMongo mongo)
{
    private static readonly ObjectKey Out = ObjectKey.Parse("out/1.mp4");

    private readonly string _database = mongo.Server.NewDatabase();

    private MongoDbCatalog Catalog => CatalogOfTest.Open(_database);

    [Fact]
    public async Task An_action_that_another_run_ran_again_stays_with_what_that_run_did()
    {
        await Catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        await Catalog.ApplyAsync([Batch(1, RunAgain(1))], CancellationToken.None);

        Assert.True(await RemoveAsync(0));

        Assert.Equal([Id(1).Value], (await CatalogOfTest.ReadAsync(_database, "orchestrations")).Select(d => d["_id"].ToString()));
        var action = Assert.Single(await CatalogOfTest.ReadAsync(_database, "actions"));
        Assert.Equal([Id(1).Value], action["attempts"].AsBsonArray.Select(a => a["orch_id"].ToString()));
        var store = Assert.Single(await CatalogOfTest.ReadAsync(_database, "action_store"));
        Assert.Equal([(Out.Value, Id(1).Value)], store["objects_put"].AsBsonArray.Select(p => (p["object"].AsString, p["orch_id"].ToString())));
        Assert.Equal(Id(1), (await Catalog.FindWritersAsync([Out], CancellationToken.None))[Out].Orchestration);

        Assert.True(await RemoveAsync(1));
        foreach (var collection in new[] { "orchestrations", "actions", "action_store" })
            Assert.Empty(await CatalogOfTest.ReadAsync(_database, collection));
    }

    [Fact]
    public async Task Documents_of_the_old_system_stay_as_they_are_with_what_a_run_added()
    {
        var old = ObjectId.Parse("66388e020000000000000002");
        await CatalogOfTest.Collection(_database, "orchestrations").InsertOneAsync(new BsonDocument { { "_id", old }, { "name", "chatbot" } }, cancellationToken: TestContext.Current.CancellationToken);
        await CatalogOfTest.Collection(_database, "actions").InsertOneAsync(
            new BsonDocument { { "_id", ObjectId.Parse(FirstAction(0).Value) }, { "orch_id", old }, { "action_name", "splitter" }, { "attempts", new BsonArray() } }, cancellationToken: TestContext.Current.CancellationToken);
        await Catalog.ApplyAsync([Batch(1, RunAgain(1))], CancellationToken.None);
        var (actions, store) = (await CatalogOfTest.ReadAsync(_database, "actions"), await CatalogOfTest.ReadAsync(_database, "action_store"));

        Assert.True(await RemoveAsync(1));

        Assert.Equal(actions, await CatalogOfTest.ReadAsync(_database, "actions"));
        Assert.Equal(store, await CatalogOfTest.ReadAsync(_database, "action_store"));
        Assert.Equal([old.ToString()], (await CatalogOfTest.ReadAsync(_database, "orchestrations")).Select(d => d["_id"].ToString()));
    }

    [Fact]
    public async Task A_run_that_somebody_works_on_or_has_gone_on_with_stays()
    {
        await Catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        var connection = MongoConnection.Of(_database);
        var others = new MongoDbLeaseStore(connection, TimeSpan.FromMinutes(1));
        await others.AcquireAsync(Id(0), takeOver: false, CancellationToken.None);

        Assert.False(await RemoveAsync(0));
        await others.RemoveAsync(Id(0), CancellationToken.None);
        Assert.False(await RemoveAsync(0, rows: 1));
        Assert.Single(await CatalogOfTest.ReadAsync(_database, "orchestrations"));

        // What somebody else left is still listed as unfinished, for whoever goes on with it.
        Assert.False(Assert.Single(await others.ListAsync(CancellationToken.None)).IsLive);
    }

    private async Task<bool> RemoveAsync(int run, long rows = 0)
    {
        var connection = MongoConnection.Of(_database);
        await using var pruning = new MongoDbPruning(connection, new MongoDbPersistenceOptions(), Catalog, new MongoDbLeaseStore(connection, TimeSpan.FromMinutes(1)));
        return await pruning.RemoveAsync(Id(run), $"orchestration-{Id(run)}", rows, CancellationToken.None);
    }

    /// <summary>A run that runs the first action of run 0 again.</summary>
    private static IEnumerable<StoredCommit> RunAgain(int run) =>
    [
        Running(run)[0],
        new StoredCommit(2, new Commit(
        [
            new ActionsAdded(At(run, 5), 0, 0, FirstAction(run).Plus(9), [new("splitter", JsonBytes.EmptyObject) { Job = new RecoveryJob(FirstAction(0), [], [Out]) }]),
            new BatchSealed(At(run, 5), 0, "recovery#1", "", 1, Orchestration.Core.Actions.BatchOptions.Default) { Recovery = true },
            new AttemptStarted(At(run, 5), 0, 0, FirstAction(0), 1, TimeSpan.Zero),
            new AttemptSucceeded(At(run, 6), 0, 0, 1, "act-9", null, JsonBytes.EmptyObject, new ObjectReport([], [new ObjectAccess(Out, 7, "tag", At(run, 6))], [])),
            new BatchEnded(At(run, 6), 0),
            new OrchestrationCompleted(At(run, 7), JsonBytes.Null),
        ])),
    ];
}
