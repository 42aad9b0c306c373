using System.CommandLine;
using System.Globalization;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary>Points in time as people type them: how long ago, or a date.</summary>
internal static class TimeFilter
{
    private static readonly string[] Forms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mmK"];

    /// <summary>Makes an option that takes one.</summary>
    public static Option<string?> NewOption(string name, string what) => new(name)
    {
        HelpName = "TIME",
        Description = $"Only runs that started {what} TIME: how long ago (2h, 1d), or a date (2026-03-01, 2026-03-01T14:30, with Z for UTC) [default: all]",
    };

    /// <summary>Reads it; null when it is not given.</summary>
    /// <exception cref="CommandException">It is neither.</exception>
    public static DateTimeOffset? Read(ParseResult line, Option<string?> option, DateTimeOffset now) =>
        line.GetValue(option) is not { } text ? null
        : TryParse(text, now) ?? throw CommandException.Usage($"{option.Name}: '{Humanize.Shorten(text, 60)}' is neither a duration such as 30m, 2h or 1d nor a date such as 2026-03-01 or 2026-03-01T14:30.");

    /// <summary>Reads a duration before now, or a date, which is of this machine's zone unless it tells one; null for anything else.</summary>
    public static DateTimeOffset? TryParse(string text, DateTimeOffset now)
    {
        if (Durations.TryParse(text, out var ago))
            return now - ago;
        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var date) ? date : null;
    }
}
