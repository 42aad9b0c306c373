using System.Globalization;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>What a terminal shows of a run that goes on: for each step a line with a bar, and for one that runs a second line with what it is at.</summary>
internal static class ProgressScreen
{
    private const int LongestName = 24;
    private const int LeastBar = 10;
    private const int MostBar = 40;

    // Marks, gaps, counts such as "50,000/50,000", a rate such as "12,345/s" and a time such as "12 min 05 s".
    private const int WidthOfOthers = 40;

    /// <summary>The lines, none longer than the terminal is wide.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="limits">What bounds it; null when that is not known.</param>
    /// <param name="left">How long it still takes, for people; null when that is not known.</param>
    /// <param name="now">The time.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    public static IReadOnlyList<IReadOnlyList<Piece>> Lines(RunProgress progress, RunLimits? limits, string? left, DateTimeOffset now, int width, int height)
    {
        var steps = progress.Steps;
        if (steps.Count == 0)
            return [[new Piece("starting ...", Tone.Dim)]];
        var details = steps.Where(s => s.IsActive).ToDictionary(s => s, s => Details(s, steps, limits));
        var shown = Choose(steps, details, Math.Max(3, height - (left is null ? 2 : 3)));
        var names = Math.Min(LongestName, shown.Max(s => s.Id.Length));
        var bar = Math.Clamp(width - names - WidthOfOthers, LeastBar, MostBar);
        var lines = new List<IReadOnlyList<Piece>>();
        foreach (var step in shown)
        {
            lines.Add(Cut(Line(step, names, bar, now), width - 1));
            if (details.GetValueOrDefault(step) is { Count: > 0 } detail)
                lines.Add(Cut([new Piece("  "), .. detail], width - 1));
        }
        if (shown.Count < steps.Count)
            lines.Add(Cut([new Piece(Others(steps.Except(shown)), Tone.Dim)], width - 1));
        if (left is not null)
            lines.Add(Cut([new Piece(left, Tone.Dim)], width - 1));
        return lines;
    }

    // What runs matters most when not all steps fit on the screen; the order of the file is kept.
    private static List<StepProgress> Choose(IReadOnlyList<StepProgress> steps, Dictionary<StepProgress, List<Piece>> details, int room)
    {
        int Height(StepProgress step) => details.GetValueOrDefault(step) is { Count: > 0 } ? 2 : 1;
        if (steps.Sum(Height) <= room)
            return [.. steps];
        var chosen = new HashSet<StepProgress>();
        var used = 1;
        foreach (var step in steps.OrderBy(s => s.IsActive ? 0 : s.Failed > 0 ? 1 : s.EndedAt is null && !s.IsSkipped ? 2 : 3))
        {
            used += Height(step);
            if (used > room)
                break;
            chosen.Add(step);
        }
        return [.. steps.Where(chosen.Contains)];
    }

    private static string Others(IEnumerable<StepProgress> rest)
    {
        var list = rest.ToList();
        var ended = list.Count(s => s.EndedAt is not null || s.IsSkipped);
        return string.Create(CultureInfo.InvariantCulture, $"… and {Humanize.Count(list.Count, "more step")}, {ended} of them at their end");
    }

    private static List<Piece> Line(StepProgress step, int names, int bar, DateTimeOffset now)
    {
        var line = new List<Piece> { Mark(step), new(" " + Humanize.Shorten(step.Id, LongestName).PadRight(names) + "  ") };
        if (step.Count is not { } count)
        {
            line.Add(new Piece(new string('─', bar), Tone.Dim));
            line.Add(new Piece(step.IsSkipped ? "  skipped" : "  waiting", Tone.Dim));
            return line;
        }
        line.AddRange(Bar(step, count, bar));
        line.Add(new Piece(Text($"  {step.Succeeded:N0}/{count:N0}")));
        if (step.Failed > 0)
            line.Add(new Piece(Text($"  {step.Failed:N0} failed"), Tone.Bad));
        if (count > 1 && step.IsActive && Rate(step, now) is { } rate)
            line.Add(new Piece("  " + rate));
        line.Add(new Piece("  " + Humanize.Duration((step.EndedAt ?? now) - step.StartedAt), Tone.Dim));
        return line;
    }

    /// <summary>Actions each second; null when none has come to its end lately.</summary>
    public static string? Rate(StepProgress step, DateTimeOffset now) => step.Rate(now) switch
    {
        <= 0 => null,
        < 0.095 and var slow => Text($"{slow * 60:0.0}/min"),
        < 9.95 and var few => Text($"{few:0.0}/s"),
        var many => Text($"{many:N0}/s"),
    };

    /// <summary>What a step is at besides what is done: <c>2 running, 1 retrying; parallelism 2: at least 12 s more</c>.</summary>
    public static List<Piece> Details(StepProgress step, IReadOnlyList<StepProgress> steps, RunLimits? limits)
    {
        var spans = new List<Piece>();
        Add(step.Running, "running", Tone.Active);
        Add(step.Retrying, "retrying", Tone.Warning);
        Add(step.Recovering, "recovering", Tone.Warning);
        if (limits is not null && Bound.Of(step, steps, limits) is { } bound)
            spans.Add(new Piece((spans.Count == 0 ? "" : "; ") + bound.Describe(step), Tone.Dim));
        return spans;

        void Add(int number, string what, Tone tone)
        {
            if (number == 0)
                return;
            if (spans.Count > 0)
                spans.Add(new Piece(", ", Tone.Dim));
            spans.Add(new Piece(Text($"{number:N0} {what}"), tone));
        }
    }

    private static Piece Mark(StepProgress step) => step switch
    {
        { IsSkipped: true } or { Count: null } => new Piece("·", Tone.Dim),
        { EndedAt: not null, Failed: 0 } => new Piece("✓", Tone.Good),
        { EndedAt: not null } => new Piece("✗", Tone.Bad),
        _ => new Piece("▸", step.Failed == 0 ? Tone.Active : Tone.Bad),
    };

    private static IEnumerable<Piece> Bar(StepProgress step, int count, int width)
    {
        int Part(int number) => count == 0 ? 0 : (int)((long)number * width / count);
        var done = count == 0 ? width : Part(step.Succeeded);
        // A single failure among thousands is to be seen.
        var failed = Math.Min(width - done, step.Failed == 0 ? 0 : Math.Max(1, Part(step.Failed)));
        var running = Math.Min(width - done - failed, step.Running == 0 ? 0 : Math.Max(1, Part(step.Running)));
        yield return new Piece(new string('━', done), Tone.Good);
        yield return new Piece(new string('━', failed), Tone.Bad);
        yield return new Piece(new string('╌', running), Tone.Active);
        yield return new Piece(new string('─', width - done - failed - running), Tone.Dim);
    }

    private static List<Piece> Cut(IEnumerable<Piece> line, int width)
    {
        var spans = new List<Piece>();
        var left = width;
        foreach (var span in line.Where(s => s.Text.Length > 0))
        {
            if (span.Text.Length > left)
            {
                if (left > 0)
                    spans.Add(span with { Text = span.Text[..(left - 1)] + "…" });
                break;
            }
            spans.Add(span);
            left -= span.Text.Length;
        }
        return spans;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
