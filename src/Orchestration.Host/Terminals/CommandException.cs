namespace Orchestration.Host.Terminals;

/// <summary>Ends the command with a message for the person at the keyboard: cause, value, remedy.</summary>
internal sealed class CommandException : Exception
{
    private CommandException(int exitCode, string message, Exception? inner)
        : base(message, inner) => ExitCode = exitCode;

    public int ExitCode { get; }

    /// <summary>What was typed or written into a file cannot be used.</summary>
    public static CommandException Usage(string message, Exception? inner = null) => new(ExitCodes.Usage, message, inner);

    /// <summary>Another process has the run.</summary>
    public static CommandException Owned(string message) => new(ExitCodes.Owned, message, null);

    /// <summary>What was asked for is fine and could not be done.</summary>
    public static CommandException Failure(string message, Exception? inner = null) => new(ExitCodes.Failed, message, inner);
}
