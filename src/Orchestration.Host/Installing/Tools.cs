using System.Runtime.InteropServices;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Installing;

/// <summary>A program that is needed and the Debian package that has it.</summary>
internal sealed record Tool(string Program, string Package);

/// <summary>Sees that programs are there; installs them where that is a matter of one command.</summary>
internal static class Tools
{
    /// <summary>Looks for the programs; as root on a Debian system installs those that are missing.</summary>
    /// <exception cref="CommandException">One is missing and cannot be installed; the message says how to.</exception>
    public static async Task EnsureAsync(IReadOnlyList<Tool> tools, Terminal terminal, CancellationToken cancellation)
    {
        var missing = tools.Where(tool => Find(tool.Program) is null).ToList();
        if (missing.Count == 0)
            return;
        var programs = string.Join(", ", missing.Select(tool => tool.Program));
        var packages = missing.Select(tool => tool.Package).Distinct().ToList();
        if (Find("apt-get") is null)
            throw CommandException.Failure($"{programs} {(missing.Count == 1 ? "is" : "are")} not on the PATH. Install {string.Join(" and ", packages)} with the package manager of this system.");
        if (!Environment.IsPrivilegedProcess)
            throw CommandException.Failure($"{programs} {(missing.Count == 1 ? "is" : "are")} not on the PATH. Install with: sudo apt-get install {string.Join(' ', packages)}");

        terminal.Note($"{programs} {(missing.Count == 1 ? "is" : "are")} not there: installing {string.Join(' ', packages)} with apt-get (a minute or two) ...");
        await AptGetAsync(["update"], cancellation);
        await AptGetAsync(["install", "-y", "--no-install-recommends", .. packages], cancellation);
        if (missing.Find(tool => Find(tool.Program) is null) is { } still)
            throw CommandException.Failure($"apt-get installed {still.Package}, and {still.Program} is still not on the PATH. Look at PATH.");
        terminal.Note($"installed {string.Join(' ', packages)}");
    }

    /// <summary>The program's path; null when no folder of PATH has it.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsExecutable);

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static async Task AptGetAsync(string[] arguments, CancellationToken cancellation)
    {
        var done = await ProgramRun.RunAsync("apt-get", arguments, cancellation, ("DEBIAN_FRONTEND", "noninteractive"));
        if (done.ExitCode != 0)
            throw CommandException.Failure($"'apt-get {string.Join(' ', arguments)}' failed: {Humanize.Shorten(done.Errors, 500)} Put that right, or install by hand.");
    }
}
