using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Orchestration.Host.Api;

/// <summary>What stands behind the question mark of a request.</summary>
internal static class ApiQuery
{
    private const int DefaultLimit = 100;
    private const int LargestLimit = 1000;

    /// <summary>A value; null when it is missing.</summary>
    /// <exception cref="FormatException">It is given twice.</exception>
    public static string? Text(this IQueryCollection query, string name) => !query.TryGetValue(name, out var values) ? null
        : values.Count == 1 ? values.ToString()
        : throw new FormatException($"'{name}' is given {values.Count} times; give it once.");

    /// <summary>How many are asked for at most.</summary>
    /// <exception cref="FormatException">It is no number, or too large.</exception>
    public static int Limit(this IQueryCollection query) => query.Text("limit") is not { } text ? DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= LargestLimit ? limit
        : throw new FormatException($"'limit' takes a number from 1 to {LargestLimit}; what follows is behind the cursor that comes as 'next'.");

    /// <summary>One of a few words; null when it is missing.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static string? Choice(this IQueryCollection query, string name, IReadOnlyList<string> choices) => query.Text(name) is not { } text || choices.Contains(text) ? query.Text(name)
        : throw new FormatException($"'{name}' is '{text}', and takes one of {string.Join(", ", choices)}.");

    /// <summary>A time; null when it is missing.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DateTimeOffset? Time(this IQueryCollection query, string name) => query.Text(name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new FormatException($"'{name}' takes a time such as 2026-11-30T08:00:00Z, in UTC when it names no other zone.");

    /// <summary>Whether something is asked for.</summary>
    /// <exception cref="FormatException">It is neither true nor false.</exception>
    public static bool Flag(this IQueryCollection query, string name, bool otherwise) => query.Text(name) is not { } text ? otherwise
        : bool.TryParse(text, out var flag) ? flag
        : throw new FormatException($"'{name}' takes true or false.");
}
