using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;

namespace Programs;

/// <summary>Trains a classifier per intent, bundle by bundle in parallel, and answers a sentence with them.</summary>
internal static class Chatbot
{
    public static async Task<JsonBytes> RunAsync(OrchestrationHandle run, JsonBytes input, CancellationToken cancellation)
    {
        var intents = Json.Text(input, "intents");
        var split = Json.ResultOf((await run.MakeActionsAsync([new("split-action", Json.Of(new { intents, bundle_size = 3 }))], cancellation: cancellation))[0]);
        var trained = await run.MakeActionsAsync(
            Json.Member(split, "bundles").EnumerateArray().Select(bundle => new ActionSpec("train-classifier", Json.Of(new { bundle }))), parallelism: 3, cancellation: cancellation);
        var classifiers = trained.SelectMany(result => Json.Member(Json.ResultOf(result), "intents").EnumerateArray().Select(i => i.GetProperty("object").GetString())).ToList();
        Console.WriteLine($"{classifiers.Count} classifiers");
        var reply = await run.MakeActionsAsync([new("reply", Json.Of(new { text = Json.Text(input, "text"), intents, classifiers }))], cancellation: cancellation);
        return Json.ResultOf(reply[0]);
    }
}
