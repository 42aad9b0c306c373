using Microsoft.Extensions.Logging;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Logs;

/// <summary>The log as short lines on stderr.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TerminalLogger(terminal, categoryName);

    public void Dispose()
    {
    }

    private sealed class TerminalLogger(Terminal terminal, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (terminal.Verbose ? LogLevel.Information : LogLevel.Warning) && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var text = formatter(state, exception);
            if (exception is not null)
                text = terminal.Verbose ? $"{text}\n{exception}" : $"{text} ({exception.Message})";
            var level = logLevel switch
            {
                LogLevel.Information => "info",
                LogLevel.Warning => "warning",
                _ => "error",
            };
            terminal.Complain(terminal.Verbose ? $"{level}: {category}: {text}" : $"{level}: {text}");
        }
    }
}
