using System.CommandLine;
using Orchestration.Actors.Client;
using Orchestration.Core.Ports;
using Orchestration.Host.Remote;
using Orchestration.Host.Reports;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
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
/// <param name="Format">In which form to answer.</param>
/// <param name="Interruption">Cancelled by Ctrl-C and SIGTERM.</param>
internal sealed record Invocation(ParseResult Line, HostSettings Settings, Terminal Terminal, OutputFormat Format, CancellationToken Interruption)
{
    /// <summary>Where this command's report goes.</summary>
    public ReportOutput Reports(RunStorage storage) => new(Terminal, storage, Format, Invocations.IsGiven(Line, CommonOptions.NoBodies), Line.GetResult(CommonOptions.Report) is null ? null : Line.GetValue(CommonOptions.Report));
}

/// <summary>Runs a command and turns what it throws into one message and an exit code.</summary>
internal static class Invocations
{
    public static async Task<int> RunAsync(ParseResult line, Func<Invocation, Task<int>> command, Action<HostSettings, SettingProblems>? check = null)
    {
        var verbose = IsGiven(line, CommonOptions.Verbose);
        using var interruption = new Interruption();
        try
        {
            var settings = SettingsReader.Read(line, check);
            verbose = settings.Verbose;
            var format = FormatOf(line);
            var terminal = new Terminal(format != OutputFormat.Table, verbose) { IsQuiet = IsGiven(line, CommonOptions.Quiet), LogsJson = settings.Service.LogFormat?.Value == "json" };
            if (settings.Server is { } server && Uri.TryCreate(server.Value, UriKind.Absolute, out var address) && address is { Scheme: "http", IsLoopback: false })
                terminal.Complain($"warning: {server.Source}: the API key goes to {address.Authority} in plain text. Use https where others can listen.");
            return await command(new Invocation(line, settings, terminal, format, interruption.Token));
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

    /// <summary>Whether a flag stands on the command line; false for a command that has no such flag.</summary>
    public static bool IsGiven(ParseResult line, Option<bool> option) => line.GetResult(option) is not null && line.GetValue(option);

    /// <summary>The form that the command line asks for.</summary>
    /// <exception cref="CommandException">It asks for two.</exception>
    public static OutputFormat FormatOf(ParseResult line)
    {
        var named = line.GetResult(CommonOptions.Format) is null ? null : line.GetValue(CommonOptions.Format);
        var json = IsGiven(line, CommonOptions.Json);
        if (json && named is not (null or "json"))
            throw CommandException.Usage($"--json and -o {named} ask for two forms. Leave one of them out.");
        return json ? OutputFormat.Json : named is null ? OutputFormat.Table : Enum.Parse<OutputFormat>(named, ignoreCase: true);
    }

    private static (int ExitCode, string Message) Explain(Exception e) => e switch
    {
        CommandException known => (known.ExitCode, known.Message),
        OwnerGoneException => (ExitCodes.Failed, $"{e.Message} Try again."),
        WorkflowException or ObjectStoreException { Code: "InvalidEndpoint" } => (ExitCodes.Usage, e.Message),
        OrchestrationException { Code: "OWNED" or "OWNER_LOST" } => (ExitCodes.Owned, e.Message),
        OpenWhiskException or LocalWhiskException or DataDirectoryException or MongoStorageException or ObjectStoreException or OrchestrationException or DamagedRunException => (ExitCodes.Failed, e.Message),
        AggregateException { InnerExceptions.Count: 1 } => Explain(e.InnerException!),
        { InnerException: CommandException or OpenWhiskException or LocalWhiskException or DataDirectoryException or MongoStorageException or ObjectStoreException or OrchestrationException } => Explain(e.InnerException),
        IOException or UnauthorizedAccessException => (ExitCodes.Failed, $"{e.Message} Look at the disk and at the permissions of the files."),
        _ => (ExitCodes.Failed, $"an unexpected failure: {e.Message} ({e.GetType().Name}). --verbose shows where; what was stored is kept."),
    };
}
