using System.Globalization;
using System.Text.RegularExpressions;
using Orchestration.Core.Ports;

namespace Orchestration.OpenWhisk.Invocations;

/// <summary>
/// Reads from a 429 by which limit it is (source: the texts of OpenWhisk's <c>ErrorResponse</c>, <c>Too many requests in the last minute (count: N, allowed: M).</c> and
/// <c>Too many concurrent requests in flight (count: N, allowed: M).</c>; clusters with the scheduler say just <c>Too many requests</c>).
/// </summary>
internal static partial class Pushbacks
{
    /// <summary>What the scheduler puts into the record of an activation that it throttled after it was accepted; nothing was run.</summary>
    public const string AfterAcceptance = "Too many concurrent requests in flight.";

    public static Pushback Unavailable { get; } = new(PushbackKind.Unavailable);

    public static Pushback Read(string? error) => error switch
    {
        null => new Pushback(PushbackKind.Unspecified),
        _ when error.Contains("in the last minute", StringComparison.OrdinalIgnoreCase) => new Pushback(PushbackKind.PerMinute, Allowed(error)),
        _ when error.Contains("concurrent", StringComparison.OrdinalIgnoreCase) => new Pushback(PushbackKind.Concurrency, Allowed(error)),
        _ => new Pushback(PushbackKind.Unspecified),
    };

    private static int? Allowed(string error) =>
        AllowedNumber().Match(error) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var allowed) ? allowed : null;

    [GeneratedRegex("allowed: ([0-9]+)")]
    private static partial Regex AllowedNumber();
}
