using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Logs;

/// <summary>Where the log goes: to stderr, as short lines for people or as a JSON document a line with scopes for programs.</summary>
internal static class LogOutput
{
    /// <summary>Loggers for parts that run outside the generic host.</summary>
    public static ILoggerFactory Factory(Terminal terminal) => LoggerFactory.Create(logging => AddTo(logging, terminal));

    /// <summary>Adds it to a host's log.</summary>
    public static void AddTo(ILoggingBuilder logging, Terminal terminal)
    {
        logging.SetMinimumLevel(terminal.Verbose ? LogLevel.Information : LogLevel.Warning);
        if (!terminal.LogsJson)
        {
            logging.AddProvider(new TerminalLoggerProvider(terminal));
            return;
        }
        // A program reads it: what a person would ask for with --verbose is in it.
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddJsonConsole(json => (json.IncludeScopes, json.UseUtcTimestamp, json.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
