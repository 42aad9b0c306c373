using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Host.Tests.Storage;

/// <summary>A run of very many actions, each with parameters and a result of 2 KB, on MongoDB: it is killed on its way and goes on.</summary>
public sealed class ManyActionsTests(SharedMongo mongo) : Workplace
{
    private const int Filling = 2000;

    private static readonly int Items = System.Environment.GetEnvironmentVariable("ORCHESTRATION_TEST_FULL") is { Length: > 0 } ? 50_000 : 1_000;

    [Fact]
    public async Task Killed_on_its_way_it_completes_and_each_action_has_one_success()
    {
        var database = mongo.Server.NewDatabase();
        Write("echo.js", "function main({ text }) { return { text }; }\n");
        var workflow = Write("many.yaml", """
            name: many
            actions: { echo: { file: echo.js } }
            steps:
              - { id: echo, action: echo, foreach: { lines: in/texts.txt }, with: { text: "${{ item }}" }, collect: out/texts.jsonl }
            """);
        var texts = Write("texts.txt", string.Join('\n', Enumerable.Range(0, Items).Select(TextOf)));
        string id;
        await using (var host = HostProcess.Start(Folder, Environment(database), "run", workflow, "--put", $"in/texts.txt={texts}"))
        {
            id = (await host.WaitForLineAsync("run 6")).Split(' ')[^1];
            await WaitForSuccessesAsync(database, Items / 4);
            host.Signal("KILL");
            await host.WaitAsync();
        }

        var resumed = (await RunOnAsync(database, "runs", "resume", id, "--json", "--no-bodies")).MustExitWith(0).Json();

        Assert.Equal("completed", resumed.GetProperty("status").GetString());
        Assert.All(resumed.GetProperty("actions").EnumerateArray(), a => Assert.Single(a.GetProperty("attempts").EnumerateArray(), t => t.GetProperty("outcome").GetString() == "success"));
        var lines = await File.ReadAllLinesAsync(PathOf(".orchestration/store/out/texts.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Items).Select(i => $$"""{"text":"{{TextOf(i)}}"}"""), lines);
    }

    private static string TextOf(int number) => $"{number} {new string('x', Filling)}";

    private static async Task WaitForSuccessesAsync(string database, int least)
    {
        var runs = new MongoClient(database).GetDatabase(CatalogOf(database)).GetCollection<BsonDocument>("orchestrations");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await runs.Find(new BsonDocument("name", "many")).FirstOrDefaultAsync(patience.Token))?["orchestrator"]["succeeded"].ToInt32() is not { } done || done < least)
            await timer.WaitForNextTickAsync(patience.Token);
    }
}
