using Orchestration.Host.Storage;

namespace Orchestration.Host.Terminals;

/// <summary>How a person calls this program.</summary>
internal static class CommandName
{
    /// <summary>What the launcher was called by, so that a printed command can be copied and run.</summary>
    public static string Text { get; } = Environment.GetEnvironmentVariable("ORCHESTRATION_COMMAND") is { Length: > 0 } launcher ? ShellText.Quote(launcher) : "orchestration";

    /// <summary>A command of <c>runs</c> that finds the same storage.</summary>
    /// <param name="arguments">What follows <c>runs</c>.</param>
    /// <param name="storage">The storage.</param>
    public static string Runs(string arguments, RunStorage storage) =>
        storage.CommandOptions.Length == 0 ? $"{Text} runs {arguments}" : $"{Text} runs {arguments} {storage.CommandOptions}";
}
