using System.CommandLine;
using Orchestration.Actors.Client;
using Orchestration.Core.Ports;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Orchestration.LocalWhisk;
using Orchestration.OpenWhisk;
using Orchestration.Persistence.MongoDb;
using Orchestration.Persistence.Sqlite;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary>What a command works with.</summary>
/// <param name="Line">The command line.</param>
/// <param name="Settings">What was set there and elsewhere.</param>
/// <param name="Terminal">Where to write.</param>
/// <param name="Json">Whether the answer is JSON.</param>
/// <param name="Interruption">Cancelled by Ctrl-C and SIGTERM.</param>
internal sealed record Invocation(ParseResult Line, HostSettings Settings, Terminal Terminal, bool Json, CancellationToken Interruption);

/// <summary>Runs a command and turns what it throws into one message and an exit code.</summary>
internal static class Invocations
{
    public static async Task<int> RunAsync(ParseResult line, Func<Invocation, Task<int>> command)
    {
        var json = line.GetResult(CommonOptions.Json) is not null && line.GetValue(CommonOptions.Json);
        var verbose = line.GetResult(CommonOptions.Verbose) is not null && line.GetValue(CommonOptions.Verbose);
        using var interruption = new Interruption();
        try
        {
            var settings = SettingsReader.Read(line);
            verbose = settings.Verbose;
            return await command(new Invocation(line, settings, new Terminal(json, verbose), json, interruption.Token));
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted before anything was started");
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            var (exitCode, message) = Explain(e);
            await Console.Error.WriteLineAsync(Redaction.Of($"error: {message}{(verbose ? $"\n{e}" : "")}"));
            return exitCode;
        }
    }

    private static (int ExitCode, string Message) Explain(Exception e) => e switch
    {
        CommandException known => (known.ExitCode, known.Message),
        WorkflowException or ObjectStoreException { Code: "InvalidEndpoint" } => (ExitCodes.Usage, e.Message),
        OpenWhiskException or LocalWhiskException or DataDirectoryException or MongoStorageException or ObjectStoreException or OrchestrationException => (ExitCodes.Failed, e.Message),
        AggregateException { InnerExceptions.Count: 1 } => Explain(e.InnerException!),
        { InnerException: CommandException or OpenWhiskException or LocalWhiskException or DataDirectoryException or MongoStorageException or ObjectStoreException or OrchestrationException } => Explain(e.InnerException),
        IOException or UnauthorizedAccessException => (ExitCodes.Failed, $"{e.Message} Look at the disk and at the permissions of the files."),
        _ => (ExitCodes.Failed, $"an unexpected failure: {e.Message} ({e.GetType().Name}). --verbose shows where; what was stored is kept."),
    };
}
