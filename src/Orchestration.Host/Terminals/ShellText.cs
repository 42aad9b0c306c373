namespace Orchestration.Host.Terminals;

/// <summary>Text that a person copies into a shell.</summary>
internal static class ShellText
{
    /// <summary>In single quotes where a POSIX shell would read it otherwise.</summary>
    public static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:@%,=~".Contains(c, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
