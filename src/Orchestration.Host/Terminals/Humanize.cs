using System.Globalization;

namespace Orchestration.Host.Terminals;

/// <summary>Numbers as people read them.</summary>
internal static class Humanize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes in decimal units, three significant digits: <c>742 B</c>, <c>3.45 MB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? $"{bytes} B" : $"{Digits(value)} {Units[unit]}";
    }

    /// <summary>A duration: <c>8 ms</c>, <c>1.24 s</c>, <c>2 min 05 s</c>, <c>3 h 04 min</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            return "0 ms";
        if (time.TotalMilliseconds < 999.5)
            return Format($"{Math.Round(time.TotalMilliseconds)} ms");
        if (time.TotalSeconds < 59.95)
            return $"{Digits(time.TotalSeconds)} s";
        var whole = TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
        if (whole.TotalHours < 1)
            return Format($"{whole.Minutes} min {whole.Seconds:00} s");
        return whole.TotalDays < 1 ? Format($"{whole.Hours} h {whole.Minutes:00} min") : Format($"{(int)whole.TotalDays} d {whole.Hours:00} h");
    }

    /// <summary>An amount of money, however small, with four significant digits: <c>12.34 USD</c>, <c>0.01234</c>, <c>3.894e-5 USD</c>.</summary>
    public static string Money(double amount, string currency)
    {
        const double smallest = 0.001;
        const int digits = 4;
        var text = amount != 0 && Math.Abs(amount) < smallest
            ? amount.ToString("0.000e-0", CultureInfo.InvariantCulture)
            : amount.ToString($"F{(amount == 0 ? 0 : Math.Max(2, digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(amount)))))}", CultureInfo.InvariantCulture);
        return currency.Length == 0 ? text : $"{text} {currency}";
    }

    /// <summary>A time in the local zone: <c>2025-03-01 14:05:09</c>.</summary>
    public static string Time(DateTimeOffset time) => Format($"{time.ToLocalTime():yyyy-MM-dd HH:mm:ss}");

    /// <summary>The same without year and seconds, for lists.</summary>
    public static string ShortTime(DateTimeOffset time) => Format($"{time.ToLocalTime():MM-dd HH:mm}");

    /// <summary><c>1 action</c>, <c>2 actions</c>.</summary>
    public static string Count(long number, string one, string? many = null) => Format($"{number:N0} {(number == 1 ? one : many ?? one + "s")}");

    /// <summary>The text on one line, cut at <paramref name="length"/> characters.</summary>
    public static string Shorten(string text, int length)
    {
        var line = Terminal.Plain(text).ReplaceLineEndings(" ").Trim();
        return line.Length <= length ? line : line[..(length - 1)].TrimEnd() + "…";
    }

    /// <summary>The end of a text, cut at <paramref name="length"/> characters: keys of objects differ at their ends.</summary>
    public static string ShortenStart(string text, int length)
    {
        var line = Terminal.Plain(text);
        return line.Length <= length ? line : "…" + line[^(length - 1)..];
    }

    /// <summary>The text in lines of at most <paramref name="width"/> characters, broken between words where there are any; further lines are indented.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        const string indent = "  ";
        var rest = text;
        while (rest.Length > width)
        {
            var space = rest.LastIndexOf(' ', width);
            // An indented line begins with spaces that are no place to break it.
            var end = space > indent.Length ? space : width;
            yield return rest[..end];
            rest = indent + rest[end..].TrimStart(' ');
        }
        yield return rest;
    }

    private static string Digits(double value)
    {
        var format = value switch
        {
            < 9.995 => "0.00",
            < 99.95 => "0.0",
            _ => "0",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
