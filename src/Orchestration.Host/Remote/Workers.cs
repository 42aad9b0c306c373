using System.Diagnostics;
using Orchestration.Host.Commands;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Remote;

/// <summary>Has something done by the process that works on the data directory, or here when there is none.</summary>
internal static class Workers
{
    // A process that begins has the directory a moment before it serves, and one that ends has it a moment longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Does it.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="there">Does it through another process; throws <see cref="OwnerGoneException"/> when nothing came of it.</param>
    /// <param name="here">Does it in this process, which opens the data directory for it.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="DataDirectoryException">Another process has the directory and does not serve.</exception>
    public static async Task<T> DoAsync<T>(Invocation invocation, Func<OwnerClient, Task<T>> there, Func<Task<T>> here)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var owner = OwnerClient.Find(invocation.Settings);
                return owner is null ? await here() : await there(owner);
            }
            // A service that was named is the only one meant.
            catch (Exception e) when (invocation.Settings.Server is null && e is OwnerGoneException or DataDirectoryException { IsInUse: true } && Stopwatch.GetElapsedTime(begin) < Patience)
            {
                await Task.Delay(Pause, invocation.Interruption);
            }
        }
    }
}
