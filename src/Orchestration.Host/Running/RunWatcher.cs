using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Running;

/// <summary>Shows a run while it goes on in this process.</summary>
internal sealed class RunWatcher(IOrchestrationClient client, OrchestrationId id, IProgressView view, bool showsHistory)
{
    private long _shown;

    /// <summary>Shows rows as they are stored, until the token is cancelled or the run has ended.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var (row, isNew) in client.FollowAsync(id, 0, cancellation))
                Show(row, showsHistory || isNew);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Whoever cancelled it says what comes of that.
        }
    }

    /// <summary>Shows what is left of a run that has ended.</summary>
    public async Task FinishAsync()
    {
        await foreach (var row in client.ReadHistoryAsync(id, _shown + 1))
            Show(row, true);
    }

    private void Show(StoredCommit row, bool isNew)
    {
        foreach (var fact in row.Commit.Facts)
            view.Show(fact, isNew);
        _shown = row.SequenceNr;
    }
}
