using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Running;

/// <summary>Shows a run while it goes on. Watching may leave rows out; they are read from the history then.</summary>
internal sealed class RunWatcher(IOrchestrationClient client, OrchestrationId id, IProgressView view, bool showsHistory)
{
    private long _shown;

    /// <summary>Shows rows as they are stored, until the token is cancelled or the run has ended.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var rows = client.WatchAsync(id, stop.Token).GetAsyncEnumerator(stop.Token);
        // Watching begins before the history is read, so that nothing falls between the two.
        var next = rows.MoveNextAsync().AsTask();
        try
        {
            await CatchUpAsync(showsHistory, cancellation);
            while (await next)
            {
                if (rows.Current.SequenceNr > _shown + 1)
                    await CatchUpAsync(true, cancellation);
                Show(rows.Current, true);
                next = rows.MoveNextAsync().AsTask();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Whoever cancelled it says what comes of that.
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Shows what is left of a run that has ended.</summary>
    public Task FinishAsync() => CatchUpAsync(true, CancellationToken.None);

    private async Task CatchUpAsync(bool isNew, CancellationToken cancellation)
    {
        await foreach (var row in client.ReadHistoryAsync(id, cancellation))
            Show(row, isNew);
    }

    private void Show(StoredCommit row, bool isNew)
    {
        if (row.SequenceNr <= _shown)
            return;
        foreach (var fact in row.Commit.Facts)
            view.Show(fact, isNew);
        _shown = row.SequenceNr;
    }
}
