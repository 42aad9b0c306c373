using MongoDB.Bson;
using Orchestration.Core.Identity;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>
/// Twenty runs of two pipelines as the Python system records them, with numbers that can be added up by hand. All times are multiples of 1/16 second, which a double holds exactly.
/// </summary>
/// <remarks>
/// <c>video</c>, run n of 12, with k = 7n mod 12: its input has 1,000,000 (k + 1) bytes. <c>split</c> takes 1 + k/4 s and writes two chunks of 500,000 (k + 1) bytes;
/// two <c>transcode</c> take 2 + k/2 s each and write 100,000 (k + 1) bytes at 4 + k s; <c>combine</c> takes 0.5 s and writes 200,000 (k + 1) bytes at 9 + k s. The run ends at 10 + k s and
/// recorded 1/16 s more. In run 3 the second <c>transcode</c> failed once, after 0.75 s. <c>bot</c>, 8 runs: one <c>train</c>, whose times are no line.
/// </remarks>
internal sealed class GoldenHistory(string database)
{
    public const int Videos = 12;

    public static readonly (long InputSize, double Seconds)[] Bots = [(100, 1.5), (400, 2.25), (200, 3), (800, 2.5), (300, 4.75), (1600, 8.125), (700, 6.5), (500, 3.25)];

    private static readonly DateTime Start = new(2024, 4, 25, 4, 4, 41, DateTimeKind.Utc);

    public static OrchestrationId Video(int n) => OrchestrationId.Parse($"6629d5d0{n:x8}00000000");

    public static OrchestrationId Bot(int n) => OrchestrationId.Parse($"6629d5d1{n:x8}00000000");

    public static ActionId ActionOf(OrchestrationId run, int place) => ActionId.Parse($"{run.Value[..16]}{place + 1:x8}");

    public async Task WriteAsync()
    {
        for (var n = 0; n < Videos; n++)
            await WriteVideoAsync(n);
        for (var n = 0; n < Bots.Length; n++)
            await WriteBotAsync(n);
    }

    private async Task WriteVideoAsync(int n)
    {
        var (run, k, start) = (Video(n), 7 * n % 12, Start.AddHours(n));
        var stamp = 1714017881 + n;
        var failed = n == 3 ? 0.75 : 0;
        string[] chunks = [$"chunks/chunk_0_{stamp}.mp4", $"chunks/chunk_1_{stamp}.mp4"];
        string[] parts = [$"parts/part_0_{stamp}.mp4", $"parts/part_1_{stamp}.mp4"];
        var film = $"films/film_{stamp}.mp4";
        await WriteRunAsync(
            run, "video", start, 10 + k, 10 + k + 0.0625, 1 + k / 4.0 + 2 * (2 + k / 2.0) + 0.5 + failed, 1_000_000L * (k + 1),
            [
                .. chunks.Select(c => (c, 9 + 0.75 * k, 500_000L * (k + 1))),
                .. parts.Select(p => (p, 6.0, 100_000L * (k + 1))),
                (film, 1.0, 200_000L * (k + 1)),
            ]);
        await WriteActionAsync(run, 0, "split", start, [1 + k / 4.0], [("input-video/clip.mp4", 1_000_000L * (k + 1), 0.25)], [.. chunks.Select(c => (c, 500_000L * (k + 1), 1 + k / 4.0))]);
        for (var i = 0; i < 2; i++)
        {
            double[] times = i == 1 && failed > 0 ? [failed, 2 + k / 2.0] : [2 + k / 2.0];
            await WriteActionAsync(run, 1 + i, "transcode", start, times, [(chunks[i], 500_000L * (k + 1), 2 + k)], [(parts[i], 100_000L * (k + 1), 4 + k)]);
        }

        await WriteActionAsync(run, 3, "combine", start, [0.5], [.. parts.Select(p => (p, 100_000L * (k + 1), 8.0 + k))], [(film, 200_000L * (k + 1), 9 + k)]);
    }

    private async Task WriteBotAsync(int n)
    {
        var (run, start, (size, seconds)) = (Bot(n), Start.AddDays(1).AddHours(n), Bots[n]);
        await WriteRunAsync(run, "bot", start, seconds + 1, seconds + 1, seconds, size, [($"models/weights_{n}.bin", 0.5, 2 * size)]);
        await WriteActionAsync(run, 0, "train", start, [seconds], [("intents/intents.json", size, 0.25)], [($"models/weights_{n}.bin", 2 * size, seconds + 0.5)]);
    }

    private Task WriteRunAsync(OrchestrationId run, string name, DateTime start, double ends, double taken, double actions, long inputSize, IEnumerable<(string Name, double Lifetime, long Size)> objects) =>
        CatalogOfTest.Collection(database, "orchestrations").InsertOneAsync(new BsonDocument
        {
            { "_id", ObjectId.Parse(run.Value) }, { "name", name }, { "creation_ts", start }, { "finish_ts", start.AddSeconds(ends) }, { "time_taken", taken }, { "action_time_taken", actions },
            { "object_metrics", new BsonArray(objects.Select(o => new BsonDocument { { "name", o.Name }, { "lifetime", o.Lifetime }, { "size_written", o.Size } })) },
            { "input_size", inputSize },
        });

    private async Task WriteActionAsync(
        OrchestrationId run, int place, string name, DateTime start, double[] times, (string Object, long Size, double At)[] gets, (string Object, long Size, double At)[] puts)
    {
        var (orchestration, action) = (ObjectId.Parse(run.Value), ObjectId.Parse(ActionOf(run, place).Value));
        await CatalogOfTest.Collection(database, "actions").InsertOneAsync(new BsonDocument
        {
            { "_id", action }, { "orch_id", orchestration }, { "action_name", name }, { "action_params", new BsonDocument() }, { "creation_ts", start.AddMilliseconds(place) }, { "num_attempts", 0 },
            { "activation_ids", new BsonArray(times.Select((_, i) => $"{action}-{i}")) }, { "last_attempt_ts", start },
            {
                "attempts",
                new BsonArray(times.Select(t => new BsonDocument { { "start", start }, { "end", start.AddSeconds(t) }, { "time", t }, { "orch_id", orchestration } }))
            },
            { "error", BsonNull.Value },
        });
        await CatalogOfTest.Collection(database, "action_store").InsertOneAsync(new BsonDocument
        {
            { "_id", action }, { "action_id", action.ToString() }, { "orch_id", run.Value }, { "objects_get", Accesses(gets) }, { "objects_put", Accesses(puts) },
        });

        BsonArray Accesses((string Object, long Size, double At)[] accesses) =>
            new(accesses.Select(a => new BsonDocument { { "orch_id", orchestration }, { "object", a.Object }, { "size", a.Size }, { "time", start.AddSeconds(a.At) } }));
    }
}
