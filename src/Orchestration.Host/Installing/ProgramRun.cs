using System.ComponentModel;
using System.Diagnostics;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Installing;

/// <summary>What a program printed and ended with.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program to its end; kills it with all it started when the token is cancelled.</summary>
    /// <exception cref="CommandException">It cannot be started.</exception>
    public static Task<ProgramRun> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation, params (string Name, string Value)[] environment) =>
        RunInAsync("", program, arguments, cancellation, environment);

    /// <summary>Runs a program in a folder.</summary>
    /// <exception cref="CommandException">It cannot be started.</exception>
    public static async Task<ProgramRun> RunInAsync(string folder, string program, IEnumerable<string> arguments, CancellationToken cancellation, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw CommandException.Failure($"'{program}' cannot be started: {e.Message} Install it, or look at PATH.", e);
        }
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new ProgramRun(process.ExitCode, await output, await errors);
    }
}
