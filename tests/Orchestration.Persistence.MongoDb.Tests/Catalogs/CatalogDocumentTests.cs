using System.Collections.Immutable;
using MongoDB.Bson;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Tests.Services;
using static Orchestration.Persistence.Contract.CatalogRuns;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>What stands in the three collections, member by member with its type, as the tools of the Python system read it.</summary>
public sealed class CatalogDocumentTests(SharedMongo mongo)
{
    private readonly string _database = mongo.Server.NewDatabase();

    [Fact]
    public async Task An_ended_run_has_all_that_the_old_stop_writes()
    {
        await ApplyAsync(Batch(0, Completed()));

        var run = WithoutOwn(Assert.Single(await ReadAsync("orchestrations")));

        Assert.Equal(
            new BsonDocument
            {
                { "_id", Oid(Id(0)) },
                { "name", "video" },
                { "creation_ts", At(0, 0).UtcDateTime },
                { "finish_ts", At(0, 11).UtcDateTime },
                { "time_taken", 11.0 },
                { "action_time_taken", 7.0 },
                {
                    "object_metrics",
                    new BsonArray
                    {
                        new BsonDocument { { "name", "out/1.mp4" }, { "lifetime", 8.0 }, { "size_written", 40 } },
                        new BsonDocument { { "name", "out/2.mp4" }, { "lifetime", 8.0 }, { "size_written", 60 } },
                    }
                },
                { "input_size", 100 },
            },
            Ordered(run, "_id", "name", "creation_ts", "finish_ts", "time_taken", "action_time_taken", "object_metrics", "input_size"));
    }

    [Fact]
    public async Task An_action_has_its_attempts_and_nothing_is_absent()
    {
        await ApplyAsync(Batch(0, Completed()));

        var action = WithoutOwn((await ReadAsync("actions"))[1]);

        Assert.Equal(
            new BsonDocument
            {
                { "_id", Oid(FirstAction(0).Plus(1)) },
                { "orch_id", Oid(Id(0)) },
                { "action_name", "transcoder" },
                { "action_params", new BsonDocument() },
                { "creation_ts", At(0, 1).UtcDateTime },
                { "num_attempts", 0 },
                { "activation_ids", new BsonArray { "act-3" } },
                { "last_attempt_ts", At(0, 7).UtcDateTime },
                {
                    "attempts",
                    new BsonArray
                    {
                        new BsonDocument { { "start", At(0, 2).UtcDateTime }, { "end", At(0, 6).UtcDateTime }, { "time", 4.0 }, { "orch_id", Oid(Id(0)) } },
                        new BsonDocument { { "start", At(0, 7).UtcDateTime }, { "end", At(0, 8.5).UtcDateTime }, { "time", 1.5 }, { "orch_id", Oid(Id(0)) } },
                    }
                },
                { "error", BsonNull.Value },
            },
            Ordered(action, "_id", "orch_id", "action_name", "action_params", "creation_ts", "num_attempts", "activation_ids", "last_attempt_ts", "attempts", "error"));

        await ApplyAsync(Batch(2, Retried(2)[..1]));
        var waiting = WithoutOwn((await ReadAsync("actions")).Single(a => a["_id"] == Oid(FirstAction(2))));
        Assert.Equal((new BsonArray(), new BsonArray(), BsonNull.Value, BsonNull.Value), (waiting["attempts"], waiting["activation_ids"], waiting["last_attempt_ts"], waiting["error"]));
    }

    [Fact]
    public async Task What_an_action_did_with_objects_stands_as_the_old_package_writes_it()
    {
        await ApplyAsync(Batch(0, Completed()));

        var store = await ReadAsync("action_store");

        Assert.Equal([Oid(FirstAction(0)), Oid(FirstAction(0).Plus(1))], store.Select(s => s["_id"]));
        var at = At(0, 3).UtcDateTime;
        Assert.Equal(
            new BsonDocument
            {
                { "_id", Oid(FirstAction(0)) },
                { "action_id", FirstAction(0).Value },
                { "orch_id", Id(0).Value },
                {
                    "objects_put",
                    new BsonArray
                    {
                        new BsonDocument { { "orch_id", Oid(Id(0)) }, { "object", "out/1.mp4" }, { "size", 40 }, { "time", at } },
                        new BsonDocument { { "orch_id", Oid(Id(0)) }, { "object", "out/2.mp4" }, { "size", 60 }, { "time", at } },
                    }
                },
                { "objects_get", new BsonArray { new BsonDocument { { "orch_id", Oid(Id(0)) }, { "object", "in/clip.mp4" }, { "size", 100 }, { "time", at } } } },
            },
            Ordered(WithoutOwn(store[0]), "_id", "action_id", "orch_id", "objects_put", "objects_get"));
        Assert.Equal(new BsonArray { new BsonDocument { { "orch_id", Oid(Id(0)) }, { "object", "out/9.mp4" }, { "time", at } } }, store[1]["error_get"]);
        Assert.False(store[1].Contains("objects_put"));
    }

    [Fact]
    public async Task A_re_run_adds_to_the_action_that_it_runs_again()
    {
        await ApplyAsync(Batch(0, LostObjects(0)));

        var producer = (await ReadAsync("actions")).Single(a => a["_id"] == Oid(FirstAction(0)));

        Assert.Equal(2, (await ReadAsync("actions")).Count);
        Assert.Equal(2, producer["attempts"].AsBsonArray.Count);
        Assert.Equal(new BsonArray { "act-1", "act-2" }, producer["activation_ids"]);
        // Nothing was sent for the reader: no attempt in the sense of the old system.
        Assert.Empty((await ReadAsync("actions"))[1]["attempts"].AsBsonArray);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_re_run_in_another_orchestration_leaves_the_action_with_its_own(bool isFirst)
    {
        CatalogBatch[] both = [Batch(0, Completed()), Batch(1, ReRunOfTheFirstActionOfRun0())];
        if (isFirst)
            both.AsSpan().Reverse();
        foreach (var batch in both)
            await ApplyAsync(batch);

        var action = (await ReadAsync("actions")).Single(a => a["_id"] == Oid(FirstAction(0)));

        Assert.Equal(("splitter", Oid(Id(0)), At(0, 1).UtcDateTime), (action["action_name"], action["orch_id"], action["creation_ts"].ToUniversalTime()));
        Assert.Equal([Oid(Id(0)), Oid(Id(1))], action["attempts"].AsBsonArray.Select(a => a["orch_id"]).Order());
        Assert.Equal(Id(1), Assert.Single(await FindWritersAsync("out/1.mp4")).Value.Orchestration);
    }

    [Fact]
    public async Task A_run_that_goes_on_after_its_end_has_none_of_the_members_of_the_end()
    {
        await ApplyAsync(Batch(0, Retried(0)[..2]));
        Assert.Equal(At(0, 5).UtcDateTime, Assert.Single(await ReadAsync("orchestrations"))["finish_ts"].ToUniversalTime());

        await ApplyAsync(Batch(0, Retried(0)[..3]));
        var run = Assert.Single(await ReadAsync("orchestrations"));
        Assert.Equal(["_id", "creation_ts", "name"], WithoutOwn(run).Names.Order());

        await ApplyAsync(Batch(0, Retried(0)));
        Assert.Equal(At(0, 23).UtcDateTime, Assert.Single(await ReadAsync("orchestrations"))["finish_ts"].ToUniversalTime());
    }

    [Theory]
    [InlineData("""{"n":1,"big":9007199254740993,"d":1.5,"s":"x","b":true,"z":null,"a":[1,{"k":2}],"$ref":"v"}""")]
    public async Task Parameters_keep_their_types(string json)
    {
        await ApplyAsync(Batch(0, WithParameters(JsonBytes.Parse(json))));

        var stored = Assert.Single(await ReadAsync("actions"))["action_params"].AsBsonDocument;

        Assert.Equal(
            [BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.String, BsonType.Boolean, BsonType.Null, BsonType.Array, BsonType.String],
            stored.Values.Select(v => v.BsonType));
        Assert.Equal("\uFF04ref", stored.Names.Last());
    }

    [Fact]
    public async Task Parameters_that_are_too_large_for_a_document_are_left_out_and_deep_ones_are_kept()
    {
        var numbers = JsonBytes.Parse($$"""{"a":[{{string.Join(',', Enumerable.Repeat(1, 900_000))}}]}""");
        var deep = JsonBytes.Parse($$"""{"a":{{new string('[', 60)}}{{new string(']', 60)}}}""");
        await ApplyAsync(Batch(0, WithParameters(numbers, deep)));

        var parameters = (await ReadAsync("actions")).Select(a => a["action_params"].AsBsonDocument).ToList();
        Assert.Equal(numbers.Length, parameters[0]["__orchestration"]["omitted_bytes"].AsInt32);
        Assert.Equal(BsonType.Array, parameters[1]["a"].BsonType);
        Assert.Equal(2, Assert.Single(await Catalog.ListRunsAsync(new RunQuery(), CancellationToken.None)).Actions);
    }

    [Fact]
    public async Task Documents_stay_below_12_MB_whatever_an_action_did()
    {
        var key = new string('k', 900);
        ImmutableArray<ObjectAccess> Many() => [.. Enumerable.Range(0, 12_000).Select(i => new ObjectAccess(ObjectKey.Parse($"b/{key}{i}"), 1, null, At(0, 3)))];
        var started = Retried(0)[..1];
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            started = [
                .. started,
                new StoredCommit(started.Length + 1, new Commit([new AttemptStarted(At(0, 21), 0, 0, FirstAction(0), attempt, TimeSpan.Zero)])),
                new StoredCommit(started.Length + 2, new Commit([new AttemptSucceeded(At(0, 22), 0, 0, attempt, "act", null, JsonBytes.EmptyObject, new ObjectReport(Many(), Many(), Many()))])),
            ];
        }

        await ApplyAsync(Batch(0, [.. started, new StoredCommit(started.Length + 1, new Commit([new OrchestrationCompleted(At(0, 30), JsonBytes.Null)]))]));

        foreach (var collection in new[] { "orchestrations", "action_store" })
            Assert.All(await ReadAsync(collection), d => Assert.InRange(d.ToBson().Length, 1, 12_000_000));
        Assert.Equal("completed", Assert.Single(await Catalog.ListRunsAsync(new RunQuery(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Every_query_has_its_index()
    {
        await Catalog.PrepareAsync(CancellationToken.None);

        var names = new List<string>();
        foreach (var collection in new[] { "orchestrations", "actions", "action_store" })
            names.AddRange((await IndexesOfAsync(collection)).Select(i => $"{collection}:{string.Join(',', i["key"].AsBsonDocument.Names)}"));

        Assert.Superset(
            new HashSet<string>
            {
                "orchestrations:creation_ts,_id", "orchestrations:name,creation_ts", "orchestrations:orchestrator.status,creation_ts",
                "actions:orch_id", "actions:action_name", "actions:attempts.orch_id",
                "action_store:objects_put.object", "action_store:objects_put.orch_id", "action_store:objects_get.orch_id",
            },
            names.ToHashSet());
    }

    private MongoDbCatalog Catalog => CatalogOfTest.Open(_database);

    private static ImmutableArray<StoredCommit> ReRunOfTheFirstActionOfRun0()
    {
        var x = ObjectKey.Parse("out/1.mp4");
        return
        [
            .. Running(1),
            new StoredCommit(2, new Commit(
            [
                new ActionsAdded(At(1, 1), 0, 0, FirstAction(1), [new ActionSpec("splitter", JsonBytes.EmptyObject) with { Job = new RecoveryJob(FirstAction(0), [], [x]) }]),
                new BatchSealed(At(1, 1), 0, "recovery#1", "", 1, BatchOptions.Default) { Recovery = true },
                new AttemptStarted(At(1, 2), 0, 0, FirstAction(0), 1, TimeSpan.Zero),
                new AttemptSucceeded(At(1, 3), 0, 0, 1, "act-9", null, JsonBytes.EmptyObject, new ObjectReport([], [new ObjectAccess(x, 40, null, At(1, 3))], [])),
            ])),
        ];
    }

    private static ImmutableArray<StoredCommit> WithParameters(params JsonBytes[] parameters) =>
        [.. Running(0), new StoredCommit(2, new Commit([new ActionsAdded(At(0, 1), 0, 0, FirstAction(0), [.. parameters.Select(p => new ActionSpec("a", p))])]))];

    private static ObjectId Oid(object id) => ObjectId.Parse(id.ToString()!);

    private static BsonDocument WithoutOwn(BsonDocument document) => new(document.Where(e => e.Name != "orchestrator"));

    // Another order of members is no difference; another set of them is.
    private static BsonDocument Ordered(BsonDocument document, params string[] names)
    {
        Assert.Equal(names.Order(), document.Names.Order());
        return new BsonDocument(names.Select(n => document.GetElement(n)));
    }

    private Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(string key) => Catalog.FindWritersAsync([ObjectKey.Parse(key)], CancellationToken.None);

    private async Task<List<BsonDocument>> IndexesOfAsync(string collection)
    {
        using var cursor = await CatalogOfTest.Collection(_database, collection).Indexes.ListAsync();
        await cursor.MoveNextAsync();
        return [.. cursor.Current];
    }

    private Task ApplyAsync(CatalogBatch batch) => Catalog.ApplyAsync([batch], CancellationToken.None);

    private Task<List<BsonDocument>> ReadAsync(string collection) => CatalogOfTest.ReadAsync(_database, collection);
}
