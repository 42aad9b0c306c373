using System.Diagnostics;

namespace Orchestration.LocalWhisk.Running;

/// <summary>An interpreter as found on this machine.</summary>
/// <param name="Path">Its real program, past any version manager's wrapper; null where it was not found.</param>
/// <param name="Version">As kinds have it: 3.11, or 20.</param>
/// <param name="Problem">Why it cannot be used and what to install; null where it can.</param>
internal sealed record Interpreter(string? Path, string? Version, string? Problem)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task<Interpreter> FindPythonAsync(string command) => FindAsync(
        command, ["-c", "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])"],
        version => version.StartsWith("3.", StringComparison.Ordinal),
        $"Python actions need Python 3, and '{command}' was not found or is not Python 3. Install it (Debian: apt install python3) and start the local OpenWhisk again.");

    public static Task<Interpreter> FindNodeAsync(string command) => FindAsync(
        command, ["-e", "console.log(process.execPath); console.log(process.versions.node.split('.')[0])"],
        version => version.All(char.IsAsciiDigit),
        $"Node.js actions need Node.js, and '{command}' was not found or does not run. Install it (Debian: apt install nodejs) and start the local OpenWhisk again.");

    /// <summary>The .NET that this process itself runs on.</summary>
    public static Interpreter FindDotNet()
    {
        // ROOT/shared/Microsoft.NETCore.App/VERSION/, beside which ROOT/dotnet is where programs without a host of their own are run.
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var program = System.IO.Path.Combine(root, "dotnet");
        return File.Exists(program)
            ? new Interpreter(program, $"{Environment.Version.Major}.{Environment.Version.Minor}", null)
            : new Interpreter(null, null, $".NET actions need the program 'dotnet' of the runtime, and there is none in {root}. Install the .NET runtime and start the local OpenWhisk again.");
    }

    private static async Task<Interpreter> FindAsync(string command, string[] arguments, Func<string, bool> suits, string problem)
    {
        var missing = new Interpreter(null, null, problem);
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            process.Start();
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var lines = (await process.StandardOutput.ReadToEndAsync(patience.Token)).Split('\n', StringSplitOptions.TrimEntries);
            await errors;
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 && lines is [{ Length: > 0 } path, { Length: > 0 } version, ..] && suits(version)
                ? new Interpreter(path, version, null)
                : missing;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return missing;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return missing;
        }
    }
}
