using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Terminals;

/// <summary>How a person calls this program.</summary>
internal static class CommandName
{
    /// <summary>What the launcher was called by, so that a printed command can be copied and run.</summary>
    public static string Text { get; } = Environment.GetEnvironmentVariable("ORCHESTRATION_COMMAND") is { Length: > 0 } launcher ? ShellText.Quote(launcher) : "orchestration";

    /// <summary>A command of <c>runs</c> that finds the same data directory.</summary>
    /// <param name="arguments">What follows <c>runs</c>.</param>
    /// <param name="dataDirectory">The data directory's absolute path.</param>
    public static string Runs(string arguments, string dataDirectory)
    {
        var isDefault = dataDirectory == Path.Combine(Directory.GetCurrentDirectory(), DataDirectory.DefaultName);
        return $"{Text} runs {arguments}{(isDefault ? "" : $" --data-dir {ShellText.Quote(dataDirectory)}")}";
    }
}
