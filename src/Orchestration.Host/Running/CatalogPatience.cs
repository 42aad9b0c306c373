using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>Waits until the end of a run has reached the catalog, so that whoever looks there when the command is done finds it.</summary>
internal static class CatalogPatience
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>Waits; what is said is only told when it takes long. The run is complete whatever comes of it.</summary>
    public static async Task WaitAsync(IOrchestrationClient client, OrchestrationId id, RunStorage storage, Terminal terminal, CancellationToken interruption)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        patience.CancelAfter(Longest);
        var talkAt = TimeProvider.System.GetTimestamp();
        var said = false;
        try
        {
            using var timer = new PeriodicTimer(Interval);
            // An orchestration stands in the index until the catalog has its end.
            while ((await client.GetUnfinishedAsync(patience.Token)).Entries.ContainsKey(id))
            {
                if (!said && TimeProvider.System.GetElapsedTime(talkAt) > Silence)
                {
                    terminal.Say($"the run has ended and is stored; waiting for the catalog in {storage.Name} (Ctrl-C stops waiting)");
                    said = true;
                }
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AskTimeoutException)
        {
            terminal.Say($"the catalog in {storage.Name} does not have the end of the run yet; it gets it when a process works on all runs that are stored there");
        }
    }
}
