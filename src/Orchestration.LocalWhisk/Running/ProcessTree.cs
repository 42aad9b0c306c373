using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orchestration.LocalWhisk.Running;

/// <summary>Starts processes in groups of their own and ends them with everything they started.</summary>
internal static class ProcessTree
{
    private const int KillSignal = 9;

    // Part of util-linux, so on every Linux; macOS lacks it, and there only the tree of parents is followed.
    private static readonly string? Setsid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>All three standard streams are redirected.</summary>
    public static ProcessStartInfo InOwnGroup(string program, IEnumerable<string> arguments)
    {
        var info = Setsid is null ? new ProcessStartInfo(program, arguments) : new ProcessStartInfo(Setsid, [program, .. arguments]);
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        return info;
    }

    public static void Kill(Process process)
    {
        var pid = process.Id;
        try
        {
            // Finds children that left the group.
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself; its children are found by the group below.
        }
        // Finds children whose parents are gone.
        if (Setsid is not null)
            _ = SendSignal(-pid, KillSignal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
