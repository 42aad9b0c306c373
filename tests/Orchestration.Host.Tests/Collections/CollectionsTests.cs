using System.Diagnostics;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Collections;

/// <summary>What the tools of the Python system see of a run, and what this program sees of theirs.</summary>
public sealed class CollectionsTests(SharedMongo mongo) : Workplace
{
    [Fact]
    public async Task A_run_is_read_with_pymongo_as_the_old_tools_read_it()
    {
        Write("clip.txt", "twelve bytes");
        var (database, settings) = Database();
        var report = (await HostProcess.RunAsync(Folder, settings, "run", WriteWorkflow(), "--json", "--put", "in/clip.txt=clip.txt")).MustExitWith(0).Json();

        var seen = await ReadAsync(database, report.GetProperty("orchId").GetString()!);

        Assert.Equal("objects", seen.GetProperty("name").GetString());
        Assert.Equal(["copy", "fail"], Texts(seen, "actions"));
        Assert.Equal(["out/clip.txt"], Texts(seen, "put"));
        Assert.Equal(["in/clip.txt"], Texts(seen, "got"));
        Assert.Equal(12, seen.GetProperty("input_size").GetInt32());
        Assert.Equal(3, seen.GetProperty("attempts").GetInt32());
        Assert.Equal("no luck", Assert.Single(seen.GetProperty("errors").EnumerateArray()).GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_run_of_the_old_system_is_listed_and_shown_and_never_resumed()
    {
        var (database, settings) = Database();
        var (id, action, time) = (ObjectId.Parse("66388e020000000000000002"), ObjectId.GenerateNewId(), new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        var old = new MongoClient(database).GetDatabase(MongoUrl.Create(database).DatabaseName);
        await old.GetCollection<BsonDocument>("orchestrations").InsertOneAsync(new BsonDocument { { "_id", id }, { "name", "chatbot" }, { "creation_ts", time } });
        await old.GetCollection<BsonDocument>("actions").InsertOneAsync(new BsonDocument
        {
            { "_id", action }, { "orch_id", id }, { "action_name", "split-action" }, { "action_params", new BsonDocument("file", "intents.json") }, { "creation_ts", time }, { "num_attempts", 0 },
            { "activation_ids", new BsonArray { "a" } }, { "attempts", new BsonArray { new BsonDocument { { "start", time }, { "end", time.AddSeconds(2) }, { "time", 2.0 }, { "orch_id", id } } } },
        });
        (await HostProcess.RunAsync(Folder, settings, "run", HelloWorkflow)).MustExitWith(0);

        var listed = (await HostProcess.RunAsync(Folder, settings, "runs", "list", "--json")).MustExitWith(0).Json().GetProperty("runs");
        Assert.Equal(["completed", "unknown"], listed.EnumerateArray().Select(r => r.GetProperty("status").GetString()));
        Assert.Single((await HostProcess.RunAsync(Folder, settings, "runs", "list", "--status", "unknown", "--json")).MustExitWith(0).Json().GetProperty("runs").EnumerateArray());

        var shown = (await HostProcess.RunAsync(Folder, settings, "runs", "show", "66388e02", "--actions")).MustExitWith(0);
        Assert.Contains("split-action", shown.Output, StringComparison.Ordinal);
        Assert.Contains("unknown", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("resume", shown.All, StringComparison.Ordinal);

        var refused = (await HostProcess.RunAsync(Folder, settings, "runs", "resume", "66388e02")).MustExitWith(1);
        Assert.Contains($"{id} was recorded by the Python system without an end", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(["_id", "creation_ts", "name"], (await old.GetCollection<BsonDocument>("orchestrations").Find(new BsonDocument("_id", id)).SingleAsync()).Names.Order());
    }

    private (string Database, IReadOnlyDictionary<string, string> Settings) Database()
    {
        var database = mongo.Server.NewDatabase();
        return (database, Environment(database));
    }

    private static async Task<JsonElement> ReadAsync(string database, string id)
    {
        var script = Path.Combine(SourceTree, "tests", "Orchestration.Host.Tests", "Collections", "read_collections.py");
        using var process = Process.Start(new ProcessStartInfo(await MongoServer.PythonAsync(), [script, database, MongoUrl.Create(database).DatabaseName, id]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }

    private static IEnumerable<string?> Texts(JsonElement seen, string member) => seen.GetProperty(member).EnumerateArray().Select(e => e.GetString());

    private string WriteWorkflow()
    {
        Write("copy.py", """
            from object_store import store
            from object_store.settings import from_environment

            @store.action
            def main(args):
                objects = store.ObjectStore(from_environment()[0], ["in", "out"])
                objects.get_sync(args["context"], "in", "clip.txt")
                with open("in/clip.txt") as source, open("out/clip.txt", "w") as target:
                    target.write(source.read() * args["times"])
                objects.put_sync(args["context"], "out", "clip.txt")
                return {}
            """);
        Write("fail.py", """
            def main(args):
                return {"error": {"code": None, "message": "no luck", "meta": None}}
            """);
        return Write("objects.yaml", """
            name: objects
            actions: { copy: { file: copy.py }, fail: { file: fail.py } }
            steps:
              - { id: copy, action: copy, with: { times: 2 } }
              - { id: fail, action: fail, needs: [copy], retry: { retries: 1, initial: 10ms }, onFailure: continue }
            """);
    }
}
