using System.Diagnostics;
using Orchestration.Core.Ports;

namespace Orchestration.Persistence.MongoDb.Leases;

/// <summary>
/// This process as a holder of leases, and whether another one of this machine is gone. A process id means something only within one boot and one
/// namespace of process ids, and the two together name such a space (random(4), pid_namespaces(7)).
/// </summary>
internal static class LocalProcess
{
    // What the operating system tells of a start is rounded differently by different calls.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    public static LeaseHolder Holder()
    {
        using var process = Process.GetCurrentProcess();
        return new LeaseHolder(Guid.NewGuid().ToString("N"), Environment.MachineName, process.Id, process.StartTime.ToUniversalTime(), Machine());
    }

    /// <summary>Whether a holder is known to have ended. One that cannot be looked for is not known to have.</summary>
    public static bool IsGone(LeaseHolder holder, string machine)
    {
        if (holder.Machine.Length == 0 || holder.Machine != machine)
            return false;
        try
        {
            using var process = Process.GetProcessById(holder.Pid);
            // Another process may have got the id of one that has ended.
            return (process.StartTime.ToUniversalTime() - holder.Since).Duration() > Rounding;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }

    private static string Machine()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() + " " + new FileInfo("/proc/self/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
