using Orchestration.Core.Costs;
using Orchestration.Core.Predictions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>What past runs of a pipeline tell about one that goes on.</summary>
/// <param name="History">The past runs.</param>
/// <param name="Steps">The pipeline's steps, each after those that it depends on.</param>
/// <param name="InputSize">Bytes of this run's input.</param>
internal sealed record PastRunsOfPipeline(RunHistory History, IReadOnlyList<ForecastStep> Steps, double InputSize);

/// <summary>How long a run still takes, by past ones.</summary>
/// <param name="Seconds">What is left; less than 0 when it takes longer than expected.</param>
/// <param name="Reach">Nine of ten past runs came within so many seconds; null when there are too few to tell.</param>
/// <param name="Runs">How many past runs tell it.</param>
internal readonly record struct TimeLeftEstimate(double Seconds, double? Reach, int Runs);

/// <summary>Tells how long a run still takes, by past ones, and how sure that is. Not for concurrent use.</summary>
/// <param name="past">Comes when it has been read; with null where there is nothing to go by.</param>
internal sealed class TimeLeft(Task<PastRunsOfPipeline?> past)
{
    private (int Ended, int Begun)? _standing;
    private double? _left;
    private double? _reach;
    private DateTimeOffset _since;

    /// <summary>Where a run stands, as far as it matters here: what is left changes with it, and else with the clock.</summary>
    public static (int Ended, int Begun) Standing(RunProgress progress) =>
        (progress.Steps.Sum(s => s.Succeeded + s.Failed + (s.IsSkipped ? 1 : 0)), progress.Steps.Count(s => s.Count is not null));

    /// <summary>Describes it.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="now">The time.</param>
    /// <returns>Such as <c>about 25 s left, ± 3 s (by 6 past runs)</c>; null while nothing is known or nothing is left.</returns>
    public string? Describe(RunProgress progress, DateTimeOffset now)
    {
        if (Estimate(progress, now) is not { } estimate)
            return null;
        var by = $"by {Humanize.Count(estimate.Runs, "past run")}";
        if (estimate.Seconds <= 0)
            return $"longer than expected ({by})";
        var sure = estimate.Reach is { } reach ? $", ± {Humanize.Duration(TimeSpan.FromSeconds(reach))}" : "";
        return $"about {Humanize.Duration(TimeSpan.FromSeconds(estimate.Seconds))} left{sure} ({by})";
    }

    /// <summary>Estimates it.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="now">The time.</param>
    /// <param name="since">Since when it stands there; null for since this was asked for the first time.</param>
    /// <returns>The estimate; null while nothing is known or nothing is left.</returns>
    public TimeLeftEstimate? Estimate(RunProgress progress, DateTimeOffset now, DateTimeOffset? since = null)
    {
        if (!past.IsCompletedSuccessfully || past.Result is not { } known || progress.Steps.Count == 0)
            return null;
        var standing = Standing(progress);
        if (standing != _standing)
        {
            // What runs now is told in whole by past runs; since then it has come nearer to its end with the clock.
            (_standing, _since) = (standing, since ?? now);
            _left = Forecast.Remaining(known.History, known.Steps, known.InputSize, Done(progress));
            _reach ??= Forecast.Of(known.History, known.Steps, known.InputSize, new PriceSheet(0, 0, 0))?.Duration is { High: { } high, Value: var value } ? high - value : double.NaN;
        }

        return _left is > 0 ? new TimeLeftEstimate(_left.Value - (now - _since).TotalSeconds, _reach is { } reach && !double.IsNaN(reach) ? reach : null, known.History.Count) : null;
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
