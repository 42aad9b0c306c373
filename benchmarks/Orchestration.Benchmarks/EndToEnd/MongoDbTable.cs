using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;
using Orchestration.Actors.Client;
using Orchestration.Persistence.MongoDb;
using Orchestration.Tests.Services;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>
/// The same on MongoDB, beside bare inserts of the documents that it stored: one after another where the orchestrator stores one after another, as many at once as orchestrations
/// run at once. On the server of the tests this says what the orchestrator adds to that server, and nothing about MongoDB.
/// </summary>
internal static class MongoDbTable
{
    private const int Width = 64;

    /// <summary>Prints the table.</summary>
    public static async Task<int> PrintAsync()
    {
        using var counter = StandInServer.Start();
        await using var mongo = await MongoServer.StartAsync();
        Console.WriteLine(MongoServer.Real is null ? "on the stand-in server of the tests" : "on the server of ORCHESTRATION_TEST_MONGODB");
        Console.WriteLine("| | measured | the same documents inserted bare | share |\n|---|---|---|---|");
        var (steps, fan, runs) = (Sizes.Of(1000), Sizes.Of(10_000), Sizes.Of(1000));
        await CompareAsync(counter, mongo, $"P1: {steps:N0} actions one after another", steps, 1, side => side.SequencesAsync(1, steps));
        await CompareAsync(counter, mongo, $"P2: fan-out of {fan:N0}, 100 at a time", fan, 1, side => side.FanOutAsync(fan, 100));
        await CompareAsync(counter, mongo, $"P4: {runs:N0} orchestrations of 5", runs * 5, Width, side => side.SequencesAsync(runs, 5));
        await ResumeAsync(counter, mongo);
        return 0;
    }

    private static async Task CompareAsync(StandInServer counter, MongoServer mongo, string what, int invocations, int width, Func<OrchestratorSide, Task> run)
    {
        var database = mongo.NewDatabase();
        await using var side = await OrchestratorSide.StartAsync(counter.Address, 100, mongoDb: database);
        // Compiled code is timed, on a server that has nothing of it yet.
        await using (var before = await OrchestratorSide.StartAsync(counter.Address, 100, mongoDb: mongo.NewDatabase()))
            await run(before);
        await ThroughputCases.CheckAsync(counter, null);
        var ours = await ThroughputCases.TimeAsync(() => run(side));
        await ThroughputCases.CheckAsync(counter, invocations);
        var (bare, count) = await InsertAsync(mongo, database, width);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {ours:F2} s | {bare:F2} s ({count:N0} documents) | {100 * bare / ours:F0} % |"));
    }

    private static async Task ResumeAsync(StandInServer counter, MongoServer mongo)
    {
        var database = mongo.NewDatabase();
        var actions = Sizes.Of(50_000) / 3;
        string id;
        await using (var side = await OrchestratorSide.StartAsync(counter.Address, 100, mongoDb: database))
        {
            var run = await side.Client.StartAsync(new StartRequest("resume"));
            await run.MakeActionsAsync(Enumerable.Range(0, actions).Select(i => new Core.Actions.ActionSpec("noop", Core.Json.JsonBytes.Parse($$"""{"n":{{i}}}"""))), parallelism: 100);
            id = run.Id.Value;
        }
        await using var next = await OrchestratorSide.StartAsync(counter.Address, 100, mongoDb: database, hocon: "orchestration.resume-on-start = off");
        var seconds = await ThroughputCases.TimeAsync(async () => await next.Client.ResumeAsync(Core.Identity.OrchestrationId.Parse(id)));
        var journal = MongoConnection.Of(database).Database.GetCollection<BsonDocument>("EventJournal");
        var bare = await ThroughputCases.TimeAsync(() => journal.Find(new BsonDocument("PersistenceId", $"orchestration-{id}")).ToListAsync());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| P8: resume of {3 * actions:N0} events | {seconds:F2} s | {bare:F2} s (read bare) | {100 * bare / seconds:F0} % |"));
    }

    private static async Task<(double Seconds, int Count)> InsertAsync(MongoServer mongo, string database, int width)
    {
        var documents = await MongoConnection.Of(database).Database.GetCollection<BsonDocument>("EventJournal").Find(new BsonDocument()).ToListAsync();
        // The same indexes, so that the server has the same to do.
        var other = mongo.NewDatabase();
        await MongoDbSetup.PrepareAsync(new MongoDbPersistenceOptions { ConnectionString = other }, CancellationToken.None);
        var target = MongoConnection.Of(other).Database.GetCollection<BsonDocument>("EventJournal").WithWriteConcern(WriteConcern.WMajority);
        var next = -1;
        var seconds = await ThroughputCases.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, width).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i < documents.Count)
                await target.InsertOneAsync(documents[i]);
        })));
        return (seconds, documents.Count);
    }
}
