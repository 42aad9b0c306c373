using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;

namespace Embedding;

/// <summary>An actor of the application that has work done by orchestrations: one for each text, a batch with an action for each of its lines.</summary>
internal sealed class ReaderActor : ReceiveActor
{
    private readonly IOrchestrationClient _client;

    public ReaderActor(IOrchestrationClient client, IActorRef board)
    {
        _client = client;
        Receive<Count>(count =>
        {
            var asker = Sender;
            // An actor never waits: what comes of it arrives as messages, here the orchestration's id and then the words.
            StartAsync(count).PipeTo(Self, asker, success: run => new Started(count, run));
        });
        Receive<Started>(started =>
        {
            board.Tell(new BoardActor.Follow(started.Run.Id));
            CountAsync(started).PipeTo(Sender);
        });
    }

    public static Props Props(IOrchestrationClient client, IActorRef board) => Akka.Actor.Props.Create(() => new ReaderActor(client, board));

    private Task<OrchestrationHandle> StartAsync(Count count) => _client.StartAsync($"count {count.Lines.Count} lines");

    private static async Task<Counted> CountAsync(Started started)
    {
        var results = await started.Run.MakeActionsAsync(started.Count.Lines.Select(line => OrchestrationHandle.PrepareAction("count", Text(line))), parallelism: 2, retries: 3);
        await started.Run.CompleteAsync();
        return new Counted(started.Run.Id, [.. results.Select(Words)]);
    }

    private static JsonBytes Text(string line) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("text", line);
        json.WriteEndObject();
    });

    private static int Words(ActionResult result)
    {
        using var words = result.Result.ToDocument();
        return words.RootElement.GetProperty("words").GetInt32();
    }

    internal sealed record Count(IReadOnlyList<string> Lines);

    internal sealed record Counted(OrchestrationId Orchestration, IReadOnlyList<int> Words);

    private sealed record Started(Count Count, OrchestrationHandle Run);
}
