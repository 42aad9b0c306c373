using System.Globalization;
using Orchestration.Core.Facts;
using Orchestration.Core.Retries;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>A line about a run.</summary>
/// <param name="Text">The line.</param>
/// <param name="IsTrouble">Whether it tells of something that went wrong.</param>
internal readonly record struct LogLine(string Text, bool IsTrouble);

/// <summary>
/// What is worth a line while a run goes on, for logs, pipes, and above a live display. Few lines, however many actions there are: of each step the first
/// failures one by one and then how many there were meanwhile, and how far it is, at intervals that grow.
/// </summary>
internal sealed class ProgressLog(RunLimits? limits, TimeLeft? left = null)
{
    /// <summary>Failures of a step that get a line each.</summary>
    public const int FailuresOneByOne = 10;

    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(5);

    private readonly Dictionary<StepProgress, Failures> _failures = [];
    private readonly Dictionary<StepProgress, (DateTimeOffset Due, TimeSpan Interval)> _next = [];

    public RunProgress Progress { get; } = new();

    private bool _hasToldLeft;

    /// <summary>How long the run still takes, by past ones; null when that is not known.</summary>
    public string? TimeLeft(DateTimeOffset now) => left?.Describe(Progress, now);

    /// <summary>Takes a fact in.</summary>
    /// <param name="fact">The fact, in the order of the journal.</param>
    /// <returns>Lines about how steps begin and end, and about what went wrong; each says whether it is about trouble.</returns>
    public IReadOnlyList<LogLine> Take(Fact fact)
    {
        Progress.Apply(fact);
        var lines = new List<LogLine>();
        switch (fact)
        {
            case BatchSealed { Recovery: true } again:
                lines.Add(new LogLine($"{again.Key}: {Humanize.Count(again.Count, "action runs", "actions run")} again to make what is lost", false));
                break;
            case BatchSealed added:
                lines.Add(new LogLine($"{added.Key}: {Humanize.Count(added.Count, "action")}{(added.Options.Parallelism is { } most && most < added.Count ? $", {most} at a time" : "")}", false));
                break;
            case StepSkipped skipped:
                lines.Add(new LogLine($"{skipped.Step}: skipped, as {skipped.Reason}", false));
                break;
            case AttemptFailed failed:
                if (Trouble(failed) is { } trouble)
                    lines.Add(new LogLine(trouble, true));
                break;
            case InputsLost lost:
                lines.Add(new LogLine($"{ActionName(Progress.StepOf(lost.Batch), lost.Index)}: failed: {Reason(lost.Failure)}", true));
                break;
            case BatchEnded ended:
                var step = Progress.StepOf(ended.Batch);
                if (Rest(step) is { } rest)
                    lines.Add(new LogLine(rest, true));
                _next.Remove(step);
                lines.Add(new LogLine($"{step.Id}: {(step.Failed == 0 ? "done" : Invariant($"{step.Succeeded:N0} succeeded, {step.Failed:N0} failed"))} in {Humanize.Duration(ended.Time - step.StartedAt)}", false));
                break;
        }
        return lines;
    }

    /// <summary>Looks at the clock.</summary>
    /// <param name="now">The time.</param>
    /// <returns>A line for each step that has been silent for long.</returns>
    public IReadOnlyList<LogLine> Tick(DateTimeOffset now)
    {
        var lines = new List<LogLine>();
        foreach (var step in Progress.Steps.Where(s => s.IsActive))
        {
            var (due, interval) = _next.GetValueOrDefault(step, (step.StartedAt + FirstInterval, FirstInterval));
            if (now < due)
                continue;
            interval = interval * 2 > LongestInterval ? LongestInterval : interval * 2;
            _next[step] = (now + interval, interval);
            if (Rest(step) is { } rest)
                lines.Add(new LogLine(rest, true));
            lines.Add(new LogLine(Standing(step, now), false));
        }
        // Once when past runs have been read, then beside the steps that go on for long.
        if ((lines.Count > 0 || !_hasToldLeft) && TimeLeft(now) is { } remaining)
        {
            _hasToldLeft = true;
            lines.Add(new LogLine(remaining, false));
        }
        return lines;
    }

    private string Standing(StepProgress step, DateTimeOffset now)
    {
        var parts = new List<string> { Invariant($"{step.Succeeded:N0} of {step.Count:N0} done") };
        if (step.Failed > 0)
            parts.Add(Invariant($"{step.Failed:N0} failed"));
        if (string.Concat(ProgressScreen.Details(step, Progress.Steps, limits).Select(s => s.Text)) is { Length: > 0 } details)
            parts.Add(details);
        return $"{step.Id}: {string.Join(", ", parts)} ({(step.Count > 1 && ProgressScreen.Rate(step, now) is { } rate ? rate + " " : "")}after {Humanize.Duration(now - step.StartedAt)})";
    }

    private string? Trouble(AttemptFailed failed)
    {
        var step = Progress.StepOf(failed.Batch);
        if (!_failures.TryGetValue(step, out var failures))
            _failures[step] = failures = new Failures();
        if (++failures.Count > FailuresOneByOne)
        {
            failures.Untold++;
            failures.UntoldFinal += failed.IsFinal ? 1 : 0;
            return null;
        }
        return Line(step, failed) + (failures.Count == FailuresOneByOne ? " (further ones are summed up)" : "");
    }

    private string? Rest(StepProgress step)
    {
        if (_failures.GetValueOrDefault(step) is not { Untold: > 0 } failures)
            return null;
        var line = $"{step.Id}: {Humanize.Count(failures.Untold, "further attempt")} failed{(failures.UntoldFinal == 0 ? "" : Invariant($", {failures.UntoldFinal:N0} of them the last of their action"))}";
        (failures.Untold, failures.UntoldFinal) = (0, 0);
        return line;
    }

    private static string Line(StepProgress step, AttemptFailed failed)
    {
        var action = ActionName(step, failed.Index);
        var why = $"{AttemptOutcomes.NameOf(failed.Outcome)}: {Reason(failed.Failure)}";
        if (!failed.Lost.IsEmpty)
            return $"{action}: attempt {failed.Attempt} lacks {Humanize.Shorten(string.Join(", ", failed.Lost.Select(o => o.Value)), 200)}, which is made again";
        if (failed.RetryAt is not { } next)
            return $"{action}: failed, attempt {failed.Attempt} was the last ({why})";
        var delay = next - failed.Time;
        return $"{action}: attempt {failed.Attempt} failed ({why}); the next {(delay <= TimeSpan.Zero ? "follows at once" : $"is in {Humanize.Duration(delay)}")}";
    }

    private static string ActionName(StepProgress step, int index) => step.Count == 1 ? step.Id : string.Create(CultureInfo.InvariantCulture, $"{step.Id}[{index}]");

    private static string Reason(Failure failure) => $"{(failure.Code is { } code ? code + ": " : "")}{Humanize.Shorten(failure.Message, 200)}";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed class Failures
    {
        public int Count { get; set; }

        public int Untold { get; set; }

        public int UntoldFinal { get; set; }
    }
}
