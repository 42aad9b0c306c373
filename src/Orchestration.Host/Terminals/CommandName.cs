namespace Orchestration.Host.Terminals;

/// <summary>How a person calls this program.</summary>
internal static class CommandName
{
    /// <summary>What the launcher was called by, so that a printed command can be copied and run.</summary>
    public static string Text { get; } = Environment.GetEnvironmentVariable("ORCHESTRATION_COMMAND") is { Length: > 0 } launcher ? ShellText.Quote(launcher) : "orchestration";
}
