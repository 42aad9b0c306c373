using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Running;

/// <summary>Shows a run while it goes on. Watching may leave rows out; they are read from the history then.</summary>
internal sealed class RunWatcher(IOrchestrationClient client, OrchestrationId id, IProgressView view, bool showsHistory)
{
    private long _shown;

    /// <summary>Shows rows until the run has ended or the token is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            await using var rows = client.WatchAsync(id, cancellation).GetAsyncEnumerator(cancellation);
            var next = rows.MoveNextAsync();
            await CatchUpAsync(showsHistory, cancellation);
            while (await next)
            {
                if (rows.Current.SequenceNr > _shown + 1)
                    await CatchUpAsync(true, cancellation);
                Show(rows.Current, true);
                next = rows.MoveNextAsync();
            }
            await CatchUpAsync(true, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The command says what comes of that.
        }
    }

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
