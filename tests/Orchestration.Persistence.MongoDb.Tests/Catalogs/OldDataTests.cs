using MongoDB.Bson;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Tests.Services;
using static Orchestration.Persistence.Contract.CatalogRuns;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>What the Python system and its object_store package wrote is read, with the gaps that they left.</summary>
public sealed class OldDataTests(SharedMongo mongo)
{
    private static readonly DateTime Time = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    private readonly string _database = mongo.Server.NewDatabase();
    private readonly ObjectId _stopped = ObjectId.Parse("66388e010000000000000001");
    private readonly ObjectId _unstopped = ObjectId.Parse("66388e020000000000000002");
    private readonly ObjectId _oldest = ObjectId.Parse("66388e030000000000000003");
    private readonly ObjectId _action = ObjectId.Parse("66388e0400000000000000aa");

    private MongoDbCatalog Catalog => CatalogOfTest.Open(_database);

    [Fact]
    public async Task Old_runs_are_listed_and_without_an_end_they_are_unknown()
    {
        await WriteOldRunsAsync();
        await Catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);

        var runs = await Catalog.ListRunsAsync(new RunQuery(), CancellationToken.None);

        Assert.Equal(["completed", "unknown", "unknown", "completed"], runs.Select(r => r.Status));
        Assert.Equal(
            new RunSummary(OrchestrationId.Parse(_stopped.ToString()), "sample", "completed", Time, Time.AddSeconds(20), 1, 1, 0, 2, 5.5, null), runs[3]);
        Assert.Equal((_unstopped.ToString(), 0), (runs[2].Id.Value, runs[2].Actions));
        Assert.Equal("", runs[1].Name);
        Assert.Equal(2, (await Catalog.ListRunsAsync(new RunQuery(Status: "unknown"), CancellationToken.None)).Count);
        Assert.Equal(2, (await Catalog.ListRunsAsync(new RunQuery(Status: "completed"), CancellationToken.None)).Count);
        Assert.Single(await Catalog.ListRunsAsync(new RunQuery(Name: "chatbot"), CancellationToken.None));
        Assert.Equal([_oldest.ToString(), _unstopped.ToString()], (await Catalog.FindRecordedAsync("", 2, CancellationToken.None)).Select(i => i.Value));
    }

    [Fact]
    public async Task An_old_run_is_told_as_a_report()
    {
        await WriteOldRunsAsync();

        var id = OrchestrationId.Parse(_stopped.ToString());
        var report = OrchestrationReport.From(id, [(await Catalog.ReadRecordedAsync(id, CancellationToken.None))!]);

        Assert.Equal(("sample", 20.0, 5.5, 7L), (report.Name, report.TimeTaken.TotalSeconds, report.ActionTimeTaken.TotalSeconds, report.InputSize));
        var action = Assert.Single(report.Actions);
        Assert.Equal(("action-1", """{"input":"x"}""", 2), (action.Name, action.Body.ToString(), action.Attempts.Length));
        Assert.Equal(["act-1", "act-2"], action.Attempts.Select(a => a.ActivationId));
        Assert.Equal(["b/in", "b/out"], report.Objects.Select(o => o.Object.Value).Order());

        await Catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        Assert.Null(await Catalog.ReadRecordedAsync(Id(0), CancellationToken.None));
        Assert.Null(await Catalog.ReadRecordedAsync(Id(7), CancellationToken.None));
    }

    [Fact]
    public async Task Gaps_of_the_oldest_data_are_no_obstacle()
    {
        await WriteOldRunsAsync();
        await InsertAsync("actions", new BsonDocument { { "_id", ObjectId.GenerateNewId() }, { "orch_id", _oldest }, { "action_name", "a" } });
        await InsertAsync("action_store", new BsonDocument { { "_id", ObjectId.GenerateNewId() }, { "orch_id", _oldest.ToString() } });

        var id = OrchestrationId.Parse(_oldest.ToString());
        var report = OrchestrationReport.From(id, [(await Catalog.ReadRecordedAsync(id, CancellationToken.None))!]);

        Assert.Equal((1, 0), (report.Actions.Length, report.Totals.Attempts));
        Assert.Equal(3, (await Catalog.ListRunsAsync(new RunQuery(), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task The_latest_old_writer_of_an_object_can_be_run_again()
    {
        await WriteOldRunsAsync();
        await InsertAsync("action_store", Store(ObjectId.Parse("66388e0400000000000000ab"), _stopped, Put(_stopped, "b/out", Time.AddHours(-1))));

        var writer = Assert.Single(await FindAsync("b/out")).Value;

        Assert.Equal((_stopped.ToString(), _action.ToString(), "action-1"), (writer.Orchestration.Value, writer.Action!.Id.Value, writer.Action.Spec.Name));
        Assert.Equal("""{"input":"x"}""", writer.Action.Spec.Parameters.ToString());
        Assert.Equal(["b/in"], writer.Action.Inputs.Select(i => i.Value));
        Assert.Empty(await FindAsync("b/unknown"));
    }

    [Fact]
    public async Task What_the_old_package_writes_in_a_run_of_ours_counts_and_can_be_made_again()
    {
        // The second action uses the old package: its reply tells nothing.
        var commits = Completed();
        var second = ObjectId.Parse(FirstAction(0).Plus(1).Value);
        var run = ObjectId.Parse(Id(0).Value);
        await Catalog.ApplyAsync([Batch(0, commits[..4])], CancellationToken.None);
        await CatalogOfTest.Collection(_database, "action_store").DeleteOneAsync(new BsonDocument("_id", second));
        await InsertAsync("action_store", Store(second, run, Put(run, "out/3.mp4", At(0, 8).UtcDateTime)).Add("objects_get", new BsonArray { Put(run, "out/1.mp4", At(0, 7.5).UtcDateTime) }));
        await Catalog.ApplyAsync([Batch(0, commits)], CancellationToken.None);

        var document = Assert.Single(await CatalogOfTest.ReadAsync(_database, "orchestrations"));
        Assert.Equal(["out/1.mp4", "out/2.mp4", "out/3.mp4"], document["object_metrics"].AsBsonArray.Select(m => m["name"].AsString));
        Assert.Equal(3.0, document["object_metrics"][2]["lifetime"].AsDouble);

        Assert.Null(Assert.Single(await FindAsync("out/1.mp4")).Value.Action);
        var writer = Assert.Single(await FindAsync("out/3.mp4")).Value;
        Assert.Equal((Id(0), "transcoder"), (writer.Orchestration, writer.Action!.Spec.Name));
        Assert.Equal(["out/1.mp4"], writer.Action.Inputs.Select(i => i.Value));
    }

    [Fact]
    public async Task The_latest_writer_wins_whichever_system_recorded_it()
    {
        await Catalog.ApplyAsync([Batch(0, Completed())], CancellationToken.None);
        await InsertAsync("actions", Action(_action, _stopped));
        await InsertAsync("action_store", Store(_action, _stopped, Put(_stopped, "out/1.mp4", At(0, 2).UtcDateTime), Put(_stopped, "out/2.mp4", At(0, 4).UtcDateTime)));

        Assert.Equal(Id(0), Assert.Single(await FindAsync("out/1.mp4")).Value.Orchestration);
        Assert.Equal(_stopped.ToString(), Assert.Single(await FindAsync("out/2.mp4")).Value.Orchestration.Value);
    }

    private Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindAsync(string key) => Catalog.FindWritersAsync([ObjectKey.Parse(key)], CancellationToken.None);

    private async Task WriteOldRunsAsync()
    {
        await InsertAsync("orchestrations", new BsonDocument
        {
            { "_id", _stopped }, { "name", "sample" }, { "creation_ts", Time }, { "finish_ts", Time.AddSeconds(20) }, { "time_taken", 20.0 }, { "action_time_taken", 5.5 },
            { "object_metrics", new BsonArray() }, { "input_size", 7 },
        });
        await InsertAsync("orchestrations", new BsonDocument { { "_id", _unstopped }, { "name", "chatbot" }, { "creation_ts", Time.AddMinutes(1) } });
        await InsertAsync("orchestrations", new BsonDocument { { "_id", _oldest }, { "creation_ts", Time.AddMinutes(2) } });
        await InsertAsync("actions", Action(_action, _stopped));
        await InsertAsync("action_store", Store(_action, _stopped, Put(_stopped, "b/out", Time.AddSeconds(5))).Add("objects_get", new BsonArray { Put(_stopped, "b/in", Time.AddSeconds(4)) }));
    }

    private static BsonDocument Action(ObjectId id, ObjectId run) => new()
    {
        { "_id", id }, { "orch_id", run }, { "action_name", "action-1" }, { "action_params", new BsonDocument("input", "x") }, { "creation_ts", Time }, { "num_attempts", 0 },
        { "activation_ids", new BsonArray { "act-1", "act-2" } }, { "last_attempt_ts", Time.AddSeconds(4) }, { "error", BsonNull.Value },
        {
            "attempts",
            new BsonArray
            {
                new BsonDocument { { "start", Time.AddSeconds(1) }, { "end", Time.AddSeconds(3) }, { "time", 2.0 }, { "orch_id", run } },
                new BsonDocument { { "start", Time.AddSeconds(4) }, { "end", Time.AddSeconds(7.5) }, { "time", 3.5 }, { "orch_id", run } },
            }
        },
    };

    private static BsonDocument Store(ObjectId action, ObjectId run, params BsonDocument[] puts) => new() { { "_id", action }, { "action_id", action.ToString() }, { "orch_id", run.ToString() }, { "objects_put", new BsonArray(puts) } };

    private static BsonDocument Put(ObjectId run, string key, DateTime time) => new() { { "orch_id", run }, { "object", key }, { "size", 7 }, { "time", time } };

    private Task InsertAsync(string collection, BsonDocument document) => CatalogOfTest.Collection(_database, collection).InsertOneAsync(document);
}
