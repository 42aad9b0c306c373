using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestration.LocalWhisk.Faults;

/// <summary>One thing that goes wrong, and how often.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Percent">Of 100 requests that it can strike, how many it strikes: 0 to 100.</param>
/// <param name="Time">How long it lasts, for the kinds that take time; zero for the others.</param>
public sealed partial record Fault(FaultKind Kind, double Percent, TimeSpan Time)
{
    private static readonly (string Name, FaultKind Kind, TimeSpan Time)[] Known =
    [
        ("drop-record", FaultKind.DropRecord, TimeSpan.Zero),
        ("delay-record", FaultKind.DelayRecord, TimeSpan.FromSeconds(2)),
        ("force-202", FaultKind.Force202, TimeSpan.Zero),
        ("burst-429", FaultKind.Burst429, TimeSpan.FromSeconds(1)),
        ("error-500", FaultKind.Error500, TimeSpan.Zero),
        ("error-503", FaultKind.Error503, TimeSpan.Zero),
        ("html-502", FaultKind.Html502, TimeSpan.Zero),
        ("reset-before", FaultKind.ResetBefore, TimeSpan.Zero),
        ("reset-after", FaultKind.ResetAfter, TimeSpan.Zero),
        ("duplicate", FaultKind.Duplicate, TimeSpan.Zero),
        ("slow", FaultKind.Slow, TimeSpan.FromSeconds(1)),
    ];

    /// <summary>The names of all kinds, as they are written on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Reads <c>KIND=PERCENT</c> or, for a kind that takes time, <c>KIND=PERCENT:TIME</c> with a time such as 500ms or 3s.</summary>
    /// <param name="text">For example <c>drop-record=5</c> or <c>slow=20:500ms</c>.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="LocalWhiskException">The text is none; the message says what is.</exception>
    public static Fault Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Form().Match(text);
        if (!match.Success)
            throw new LocalWhiskException($"'{text}' is no fault. Write KIND=PERCENT or KIND=PERCENT:TIME, such as drop-record=5 or slow=20:500ms.");
        var (name, kind, time) = Array.Find(Known, k => k.Name == match.Groups["kind"].Value);
        if (name is null)
            throw new LocalWhiskException($"'{match.Groups["kind"].Value}' is no kind of fault. Use one of {string.Join(", ", Names)}.");
        if (!double.TryParse(match.Groups["percent"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent > 100)
            throw new LocalWhiskException($"The percentage of the fault '{text}' must be a number from 0 to 100.");
        if (!match.Groups["number"].Success)
            return new Fault(kind, percent, time);
        if (time == TimeSpan.Zero)
            throw new LocalWhiskException($"The fault {name} takes no time; leave out ':{match.Groups["number"].Value}{match.Groups["unit"].Value}'.");
        var number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        return new Fault(kind, percent, match.Groups["unit"].Value == "ms" ? TimeSpan.FromMilliseconds(number) : TimeSpan.FromSeconds(number));
    }

    /// <summary>The name of a kind, as it is written on the command line.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>For example <c>drop-record</c>.</returns>
    public static string NameOf(FaultKind kind) => Array.Find(Known, k => k.Kind == kind).Name;

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{NameOf(Kind)}={Percent}{(Time == TimeSpan.Zero ? "" : $":{(long)Time.TotalMilliseconds}ms")}");

    [GeneratedRegex(@"^(?<kind>[a-z0-9-]+)=(?<percent>[0-9.]{1,12})(:(?<number>\d{1,6})(?<unit>ms|s))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
