using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports;

/// <summary>
/// The objects of a run. Times count from its start. Not a table of Spectre's: a name that is too long for its column stands whole on a line of its
/// own, so that it can be read and copied.
/// </summary>
internal static class ObjectTable
{
    private static readonly int[] Widths = [8, 11, 11, 10, 12];

    /// <summary>The table's lines, the heads of its columns first.</summary>
    /// <param name="report">What happened.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="most">At most so many objects.</param>
    public static IEnumerable<string> Lines(OrchestrationReport report, int width, int most)
    {
        var shown = report.Objects.Take(most).ToList();
        var room = Math.Min(Math.Max(width - Widths.Sum() - 1, 16), shown.Max(used => used.Object.Value.Length));
        yield return Line("Object", room, ["Size", "First put", "Last get", "Lifetime", "To the end"]);
        foreach (var used in shown)
        {
            var name = Humanize.Shorten(used.Object.Value, 1024);
            if (name.Length > room)
            {
                yield return name;
                name = "";
            }
            yield return Line(name, room,
            [
                Humanize.Bytes(used.PutSize ?? used.GetSize ?? 0),
                Since(report, used.PutTime),
                Since(report, used.GetTime),
                Span(used.Lifetime),
                Span(used.OrchestrationLifetime),
            ]);
        }
        if (report.Objects.Length > most)
            yield return $"and {Humanize.Count(report.Objects.Length - most, "more object")}; --json lists all";
    }

    private static string Line(string name, int room, string[] numbers) =>
        (name.PadRight(room) + string.Concat(numbers.Zip(Widths, (number, width) => number.PadLeft(width)))).TrimEnd();

    private static string Since(OrchestrationReport report, DateTimeOffset? time) => time is { } at ? $"+{Humanize.Duration(at - report.StartedAt)}" : "";

    private static string Span(TimeSpan? time) => time is { } span ? Humanize.Duration(span) : "";
}
