using System.Runtime.CompilerServices;
using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Host.Running;

/// <summary>The stored rows of a run without a gap, as they come. Watching may leave rows out; they are read from the history then.</summary>
internal static class RunRows
{
    /// <summary>Follows a run that goes on in this process.</summary>
    /// <param name="client">The orchestrator.</param>
    /// <param name="id">The run.</param>
    /// <param name="after">Only rows behind this one; 0 for all.</param>
    /// <param name="cancellation">Stops following.</param>
    /// <returns>The rows in order, and whether each came after following began; ends when the run has ended.</returns>
    public static async IAsyncEnumerable<(StoredCommit Row, bool IsNew)> FollowAsync(
        IOrchestrationClient client, OrchestrationId id, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
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
