using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Embedding;

/// <summary>An actor of the application that reacts to what happens to orchestrations: each fact that is stored comes to it as a message.</summary>
internal sealed class BoardActor : ReceiveActor
{
    private readonly Dictionary<OrchestrationId, int> _done = [];
    private readonly HashSet<OrchestrationId> _complete = [];
    private readonly List<(IActorRef Asker, OrchestrationId Id)> _asked = [];

    public BoardActor(IOrchestrationClient client)
    {
        Receive<Follow>(follow => _ = TellAsync(client, follow.Id, Self));
        Receive<Happened>(happened =>
        {
            switch (happened.Fact)
            {
                case BatchSealed batch:
                    Console.WriteLine($"board: {batch.Count} lines to count");
                    break;
                case AttemptSucceeded:
                    Console.WriteLine($"board: {_done[happened.Id] = _done.GetValueOrDefault(happened.Id) + 1} counted");
                    break;
                case AttemptFailed failed:
                    Console.WriteLine($"board: a line is counted again, as {failed.Failure.Message}");
                    break;
                case OrchestrationCompleted:
                    Console.WriteLine("board: all counted");
                    _complete.Add(happened.Id);
                    foreach (var (asker, _) in _asked.Where(a => a.Id == happened.Id))
                        asker.Tell(Complete.Instance);
                    break;
            }
        });
        Receive<IsComplete>(asked =>
        {
            if (_complete.Contains(asked.Id))
                Sender.Tell(Complete.Instance);
            else
                _asked.Add((Sender, asked.Id));
        });
    }

    public static Props Props(IOrchestrationClient client) => Akka.Actor.Props.Create(() => new BoardActor(client));

    private static async Task TellAsync(IOrchestrationClient client, OrchestrationId id, IActorRef self)
    {
        // Every row, without a gap; one that goes on after a crash begins behind the last row that it knows.
        await foreach (var (row, _) in client.FollowAsync(id))
            foreach (var fact in row.Commit.Facts)
                self.Tell(new Happened(id, fact));
    }

    internal sealed record Follow(OrchestrationId Id);

    /// <summary>Is it complete? Answered when it is.</summary>
    internal sealed record IsComplete(OrchestrationId Id);

    internal sealed record Complete
    {
        public static Complete Instance { get; } = new();
    }

    private sealed record Happened(OrchestrationId Id, Fact Fact);
}
