using System.Diagnostics;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Storage;

/// <summary>Finds the process that works on stored runs. That of a data directory is found without trying its lock: that could make a process that starts meanwhile fail.</summary>
internal static class LiveOwner
{
    /// <summary>The owner on record if its process is alive; null when it is not or runs on another machine.</summary>
    public static DataDirectoryOwner? Of(string dataDirectory) =>
        DataDirectory.ReadOwner(dataDirectory) is { } owner && IsAlive(owner.Host, owner.Pid, owner.Since) ? owner : null;

    /// <summary>Whether the process that left a note of itself is alive on this machine.</summary>
    /// <param name="host">The machine on the note.</param>
    /// <param name="pid">The process id on the note.</param>
    /// <param name="noted">When the note was written, UTC.</param>
    public static bool IsAlive(string host, int pid, DateTimeOffset noted) => host == Environment.MachineName && IsAlive(pid, start => start <= noted);

    // Another process may have got the id of one that has ended; its start tells.
    private static bool IsAlive(int pid, Func<DateTimeOffset, bool> startedAsTold)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return startedAsTold(process.StartTime.ToUniversalTime()) && !IsZombie(pid);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    // One that has ended and whose parent has not noticed yet. Source: proc(5), the field behind the name in parentheses.
    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
