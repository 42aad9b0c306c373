using System.Runtime.CompilerServices;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Client;

/// <summary>What any <see cref="IOrchestrationClient"/> can do with what it has.</summary>
public static class OrchestrationClientExtensions
{
    /// <summary>
    /// Follows an orchestration, for whoever reacts to what happens: every stored row, without a gap and in order. Where watching leaves rows out, they are read from
    /// the journal. Like every call about an orchestration this takes it up when no process runs it.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="id">Which orchestration.</param>
    /// <param name="after">Only rows behind this one, such as the last that was reacted to before a crash; 0 for all.</param>
    /// <param name="cancellation">Stops following.</param>
    /// <returns>The rows, and whether each was stored after following began; ends when the orchestration has ended.</returns>
    public static async IAsyncEnumerable<(StoredCommit Row, bool IsNew)> FollowAsync(
        this IOrchestrationClient client, OrchestrationId id, long after = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var watched = client.WatchAsync(id, stop.Token).GetAsyncEnumerator(stop.Token);
        // Watching begins before the history is read, so that nothing falls between the two.
        var next = watched.MoveNextAsync().AsTask();
        var (last, isNew) = (after, false);
        try
        {
            for (StoredCommit? seen = null; ; seen = watched.Current)
            {
                if (seen?.SequenceNr == last + 1)
                {
                    last++;
                    yield return (seen, true);
                }
                else if (seen is null || seen.SequenceNr > last)
                {
                    await foreach (var row in client.ReadHistoryAsync(id, last + 1, cancellation))
                    {
                        last = row.SequenceNr;
                        yield return (row, isNew);
                    }
                    isNew = true;
                }
                if (seen is not null)
                    next = watched.MoveNextAsync().AsTask();
                if (!await next)
                    break;
            }
            await foreach (var row in client.ReadHistoryAsync(id, last + 1, cancellation))
                yield return (row, true);
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
