using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;

namespace Programs;

/// <summary>Cuts a film into chunks, scales them in parallel, and joins them again.</summary>
internal static class Transcoder
{
    public static async Task<JsonBytes> RunAsync(OrchestrationHandle run, JsonBytes input, CancellationToken cancellation)
    {
        var film = Json.Text(input, "film");
        var split = Json.ResultOf((await run.MakeActionsAsync([new("splitter", Json.Of(new { input = film, num_chunks = 5 }))], cancellation: cancellation))[0]);
        var chunks = Json.Texts(split, "splits");
        Console.WriteLine($"{chunks.Count} chunks");
        var transcoded = await run.MakeActionsAsync(
            chunks.Select(chunk => new ActionSpec("transcoder", Json.Of(new { input = chunk, resolution = "360p" }))), parallelism: 2, cancellation: cancellation);
        var files = transcoded.Select(result => Json.Text(Json.ResultOf(result), "output_file")).ToList();
        var combined = await run.MakeActionsAsync(
            [new("combiner", Json.Of(new { input = files, starts = Json.Member(split, "starts"), sound = Json.Member(split, "sound") }))], writers: Writers.Shared, cancellation: cancellation);
        return JsonBytes.FromString(Json.Text(Json.ResultOf(combined[0]), "output_file"));
    }
}
