using System.Diagnostics;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>Finds the process that holds a data directory, without trying its lock: that could make a process that starts meanwhile fail.</summary>
internal static class LiveOwner
{
    /// <summary>The owner on record if its process is alive; null when it is not or runs on another machine.</summary>
    public static DataDirectoryOwner? Of(string dataDirectory)
    {
        if (DataDirectory.ReadOwner(dataDirectory) is not { } owner || owner.Host != Environment.MachineName)
            return null;
        try
        {
            using var process = Process.GetProcessById(owner.Pid);
            // Another process may have got the id of one that has ended.
            return process.StartTime.ToUniversalTime() <= owner.Since.UtcDateTime ? owner : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
