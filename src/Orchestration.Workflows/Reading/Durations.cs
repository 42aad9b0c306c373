using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestration.Workflows.Reading;

/// <summary>Durations as people write them: <c>500ms</c>, <c>1s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>, or a number of seconds.</summary>
public static partial class Durations
{
    /// <summary>The longest duration, for people.</summary>
    public const string LongestText = "365d";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Reads a duration.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="duration">The duration, to the millisecond; zero when it is none.</param>
    /// <returns>Whether it is a duration and not longer than <see cref="LongestText"/>.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length is 0 or > 40)
            return false;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return Take(seconds, out duration);
        var match = Parts().Match(text);
        if (!match.Success)
            return false;
        (string Unit, double Seconds)[] units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("ms", 0.001)];
        return Take(units.Sum(u => match.Groups[u.Unit] is { Success: true } g ? double.Parse(g.Value, CultureInfo.InvariantCulture) * u.Seconds : 0), out duration);
    }

    private static bool Take(double seconds, out TimeSpan duration)
    {
        var fits = seconds <= Longest.TotalSeconds;
        duration = fits ? TimeSpan.FromMilliseconds(Math.Round(seconds * 1000)) : default;
        return fits;
    }

    [GeneratedRegex(@"^(?=[0-9])((?<d>[0-9]+(\.[0-9]+)?)d)?((?<h>[0-9]+(\.[0-9]+)?)h)?((?<m>[0-9]+(\.[0-9]+)?)m(?!s))?((?<s>[0-9]+(\.[0-9]+)?)s)?((?<ms>[0-9]+)ms)?\z")]
    private static partial Regex Parts();
}
