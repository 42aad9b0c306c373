using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Pruning;

/// <summary>Old runs are removed, those that objects need stay, and nobody is disturbed.</summary>
public sealed class PruneTests(SharedMongo mongo) : GatedWorkplace
{
    private const string Chain = """
        name: chain
        params: { from: "", to: "" }
        actions: { copy: { file: copy.py } }
        steps:
          - { id: copy, action: copy, with: { from: "${{ params.from }}", to: "${{ params.to }}" } }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_ended_is_removed_and_what_objects_need_stays(bool onMongoDb)
    {
        var database = onMongoDb ? mongo.Server.NewDatabase() : null;
        var hello = await CompleteAsync(database, HelloWorkflow);
        var workflow = WriteChain();
        var first = await CompleteAsync(database, workflow, "to=b/one");
        var second = await CompleteAsync(database, workflow, "from=b/one", "to=b/two");
        var over = await CompleteAsync(database, workflow, "to=b/latest");
        var latest = await CompleteAsync(database, workflow, "to=b/latest");
        // The chain's end exists, what it was made from does not.
        File.Delete(PathOf(".orchestration/store/b/one"));

        Assert.Empty((await PruneAsync(database, "--older-than", "1h")).GetProperty("removed").EnumerateArray());
        var planned = await PruneAsync(database, "--older-than", "0s", "--dry-run");
        Assert.Equal([hello, over], Ids(planned, "removed"));
        Assert.Equal([(first, "object_was_read", "b/one"), (second, "object_exists", "b/two"), (latest, "object_exists", "b/latest")], Kept(planned));
        Assert.Equal(new[] { first, second, over, latest, hello }.Order(), (await ListAsync(database)).Order());

        var removed = await PruneAsync(database, "--older-than", "0s");
        Assert.Equal(planned.GetProperty("removed").ToString(), removed.GetProperty("removed").ToString());
        Assert.True(removed.GetProperty("total").GetProperty("journalRows").GetInt32() >= 2);
        Assert.True(removed.GetProperty("total").GetProperty("catalogEntries").GetInt32() >= 2);
        Assert.True(removed.GetProperty("total").GetProperty("bytes").GetInt32() > 100);
        Assert.Equal(new[] { first, second, latest }.Order(), (await ListAsync(database)).Order());
        Assert.Contains("There is no run", (await RunOnAsync(database, "runs", "show", hello)).MustExitWith(2).Errors, StringComparison.Ordinal);

        // What stayed is enough to make the chain again.
        File.Delete(PathOf(".orchestration/store/b/two"));
        (await RunOnAsync(database, "runs", "heal", second, "b/two")).MustExitWith(0);
        Assert.True(File.Exists(PathOf(".orchestration/store/b/two")));

        Directory.Delete(PathOf(".orchestration/store/b"), recursive: true);
        Assert.Empty((await PruneAsync(database, "--older-than", "0s")).GetProperty("kept").EnumerateArray());
        Assert.Empty(await ListAsync(database));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_cannot_be_asked_keeps_its_runs(bool onMongoDb)
    {
        var database = onMongoDb ? mongo.Server.NewDatabase() : null;
        var run = await CompleteAsync(database, WriteChain(), "to=b/one");
        Directory.Move(PathOf(".orchestration/store"), PathOf("moved"));

        var kept = (await RunOnAsync(database, "runs", "prune", "--older-than", "0s")).MustExitWith(1);
        Assert.Contains("removed 0 runs", kept.Output, StringComparison.Ordinal);
        Assert.Contains($"{run} chain: the folder {PathOf(".orchestration/store")} of its objects is not here; give --object-store", kept.Output, StringComparison.Ordinal);

        Directory.Delete(PathOf("moved/b"), recursive: true);
        (await RunOnAsync(database, "runs", "prune", "--older-than", "0s", "--object-store", "file:moved")).MustExitWith(0);
        Assert.Empty(await ListAsync(database));
    }

    [Fact]
    public async Task A_data_directory_that_a_process_works_on_can_be_looked_at_only()
    {
        var hello = await CompleteAsync(null, HelloWorkflow);
        var (owner, _) = await StartGatedAsync();
        await using var closing = owner;

        Assert.Equal([hello], Ids(await PruneAsync(null, "--older-than", "0s", "--dry-run"), "removed"));
        var refused = (await RunAsync("runs", "prune", "--older-than", "0s")).MustExitWith(1);
        Assert.Matches("error: Process [0-9]+ works on .*, and removing runs needs the directory for itself\\. Wait until that process is done; --dry-run shows", refused.Errors);
        Open();
        (await owner.WaitAsync()).MustExitWith(0);
    }

    [Fact]
    public async Task On_MongoDB_runs_are_removed_beside_one_that_goes_on()
    {
        var database = mongo.Server.NewDatabase();
        var hello = await CompleteAsync(database, HelloWorkflow);
        await using var owner = HostProcess.Start(Folder, Environment(database), "run", WriteWorkflow());
        var id = IdIn(await owner.WaitForLineAsync("run 6"));
        await WaitForCallAsync("second");

        Assert.Equal([hello], Ids(await PruneAsync(database, "--older-than", "0s"), "removed"));
        Open();
        (await owner.WaitAsync()).MustExitWith(0);
        Assert.Equal([id], await ListAsync(database));
    }

    [Fact]
    public async Task Records_of_the_Python_system_are_removed_only_when_that_is_asked_for()
    {
        var database = mongo.Server.NewDatabase();
        var old = new MongoClient(database).GetDatabase(MongoUrl.Create(database).DatabaseName);
        var (id, time) = (ObjectId.Parse("66388e020000000000000002"), new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        await old.GetCollection<BsonDocument>("orchestrations").InsertOneAsync(new BsonDocument { { "_id", id }, { "name", "chatbot" }, { "creation_ts", time }, { "finish_ts", time.AddMinutes(1) } });
        await old.GetCollection<BsonDocument>("actions").InsertOneAsync(new BsonDocument { { "_id", ObjectId.GenerateNewId() }, { "orch_id", id }, { "action_name", "a" } });
        var hello = await CompleteAsync(database, HelloWorkflow);

        // It is a run like any other, as a page too.
        Assert.Contains(id.ToString(), (await RunOnAsync(database, "runs", "report", id.ToString(), "-o", "-")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Equal([hello], Ids(await PruneAsync(database, "--older-than", "0s"), "removed"));
        Assert.Equal([id.ToString()], await ListAsync(database));
        Assert.Equal([id.ToString()], Ids(await PruneAsync(database, "--older-than", "365d", "--include-legacy"), "removed"));
        Assert.Empty(await ListAsync(database));
        foreach (var collection in new[] { "orchestrations", "actions", "action_store", "EventJournal", "Leases" })
            Assert.Equal(0, await old.GetCollection<BsonDocument>(collection).CountDocumentsAsync(new BsonDocument()));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("400d")]
    [InlineData("-1d")]
    public async Task What_is_no_duration_is_refused(string text) =>
        Assert.Contains($"'{text}' is no duration up to 365d", (await RunAsync("runs", "prune", $"--older-than={text}")).MustExitWith(2).Errors, StringComparison.Ordinal);

    private static List<string> Ids(JsonElement pruned, string member) => [.. pruned.GetProperty(member).EnumerateArray().Select(r => r.GetProperty("orchId").GetString()!)];

    private static List<(string, string, string)> Kept(JsonElement pruned) =>
    [
        .. pruned.GetProperty("kept").EnumerateArray().Select(r => (r.GetProperty("orchId").GetString()!, r.GetProperty("reason").GetString()!, r.GetProperty("detail").GetString()!)),
    ];

    private string WriteChain()
    {
        Write("copy.py", """
            from object_store import store
            from object_store.settings import from_environment

            @store.action
            def main(args):
                objects = store.ObjectStore(from_environment()[0], ["b"])
                if args["from"]:
                    objects.get_sync(args["context"], *args["from"].split("/"))
                with open(args["to"], "w") as made:
                    made.write(args["to"])
                objects.put_sync(args["context"], *args["to"].split("/"))
                return {}
            """);
        return Write("chain.yaml", Chain);
    }

    private async Task<string> CompleteAsync(string? database, string workflow, params string[] parameters) =>
        (await RunOnAsync(database, ["run", workflow, .. parameters.SelectMany(p => new[] { "-p", p }), "--json"])).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

    private async Task<JsonElement> PruneAsync(string? database, params string[] options) => (await RunOnAsync(database, ["runs", "prune", "--json", .. options])).MustExitWith(0).Json();

    private async Task<List<string>> ListAsync(string? database) =>
        [.. (await RunOnAsync(database, "runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("orchId").GetString()!)];
}
