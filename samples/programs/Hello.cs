using Orchestration.Actors.Client;
using Orchestration.Core.Json;

namespace Programs;

/// <summary>Three actions in sequence; each puts what the one before returned into a sentence.</summary>
internal static class Hello
{
    public static async Task<JsonBytes> RunAsync(OrchestrationHandle run, JsonBytes input, CancellationToken cancellation)
    {
        var text = Json.Text(input, "input");
        foreach (var name in new[] { "hello", "question", "answer" })
        {
            var results = await run.MakeActionsAsync([new(name, Json.Of(new { input = text }))], cancellation: cancellation);
            text = Json.Text(Json.ResultOf(results[0]), "output");
            Console.WriteLine($"{name}: {text}");
        }
        return JsonBytes.FromString(text);
    }
}
