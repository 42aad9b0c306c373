using Orchestration.Core.Costs;
using Orchestration.Core.Predictions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>What past runs of a pipeline tell about one that goes on.</summary>
/// <param name="History">The past runs.</param>
/// <param name="Steps">The pipeline's steps, each after those that it depends on.</param>
/// <param name="InputSize">Bytes of this run's input.</param>
internal sealed record PastRunsOfPipeline(RunHistory History, IReadOnlyList<ForecastStep> Steps, double InputSize);

/// <summary>Tells how long a run still takes, by past ones, and how sure that is. Not for concurrent use.</summary>
/// <param name="past">Comes when it has been read; with null where there is nothing to go by.</param>
internal sealed class TimeLeft(Task<PastRunsOfPipeline?> past)
{
    private (int Ended, int Begun)? _standing;
    private double? _left;
    private double? _reach;
    private DateTimeOffset _since;

    /// <summary>Describes it.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="now">The time.</param>
    /// <returns>Such as <c>about 25 s left, ± 3 s (by 6 past runs)</c>; null while nothing is known or nothing is left.</returns>
    public string? Describe(RunProgress progress, DateTimeOffset now)
    {
        if (!past.IsCompletedSuccessfully || past.Result is not { } known || progress.Steps.Count == 0)
            return null;
        var standing = (progress.Steps.Sum(s => s.Succeeded + s.Failed + (s.IsSkipped ? 1 : 0)), progress.Steps.Count(s => s.Count is not null));
        if (standing != _standing)
        {
            // What runs now is told in whole by past runs; since then it has come nearer to its end with the clock.
            (_standing, _since) = (standing, now);
            _left = Forecast.Remaining(known.History, known.Steps, known.InputSize, Done(progress));
            _reach ??= Forecast.Of(known.History, known.Steps, known.InputSize, new PriceSheet(0, 0, 0))?.Duration is { High: { } high, Value: var value } ? high - value : double.NaN;
        }

        if (_left is not > 0)
            return null;
        var left = _left.Value - (now - _since).TotalSeconds;
        var by = $"by {Humanize.Count(known.History.Count, "past run")}";
        if (left <= 0)
            return $"longer than expected ({by})";
        var sure = _reach is { } reach && !double.IsNaN(reach) ? $", ± {Humanize.Duration(TimeSpan.FromSeconds(reach))}" : "";
        return $"about {Humanize.Duration(TimeSpan.FromSeconds(left))} left{sure} ({by})";
    }

    private static Dictionary<string, (int Ended, int Actions)> Done(RunProgress progress)
    {
        var done = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        foreach (var step in progress.Steps)
            if (step.IsSkipped || step.EndedAt is not null)
                done[step.Id] = (step.Count ?? 0, step.Count ?? 0);
            else if (step.Count is { } count)
                done[step.Id] = (step.Succeeded + step.Failed, count);
        return done;
    }
}
