using System.Collections.Immutable;
using Orchestration.Core.Costs;

namespace Orchestration.Core.Predictions;

/// <summary>A step of a pipeline, as far as a forecast needs it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Action">The action that it runs.</param>
/// <param name="DependsOn">The steps that it waits for; each stands before it.</param>
/// <param name="Parallelism">How many of its actions run at once; null for no bound.</param>
public sealed record ForecastStep(string Id, string Action, ImmutableArray<string> DependsOn, int? Parallelism);

/// <summary>What one step is expected to take.</summary>
/// <param name="Step">Its id.</param>
/// <param name="Count">How many actions it has.</param>
/// <param name="Seconds">Of one action, over all its attempts.</param>
/// <param name="Duration">Seconds from its first action's start to its last one's end.</param>
/// <param name="Compute">What its actions cost.</param>
/// <param name="Storage">What keeping what they write costs, up to the end of the run.</param>
/// <param name="Bytes">What they write.</param>
/// <param name="IsCritical">Whether the run would end earlier if it were faster.</param>
public sealed record StepForecast(string Step, Estimate Count, Estimate Seconds, double Duration, double Compute, double Storage, double Bytes, bool IsCritical);

/// <summary>What a run of a pipeline is expected to take before anything runs.</summary>
/// <param name="Runs">How many past runs stand behind it.</param>
/// <param name="Duration">Seconds from start to end along the critical path; its interval comes from how far past runs lay from what the others forecast for them.</param>
/// <param name="Compute">What its actions and its own time cost.</param>
/// <param name="Storage">What keeping what it writes costs, up to its end.</param>
/// <param name="Bytes">What it writes.</param>
/// <param name="Steps">By step, in the order of the pipeline; those that no past run had are left out.</param>
/// <param name="Unknown">The steps that no past run had; the forecast is without them.</param>
public sealed record Forecast(int Runs, Estimate Duration, double Compute, double Storage, double Bytes, ImmutableArray<StepForecast> Steps, ImmutableArray<string> Unknown)
{
    /// <summary>Forecasts a run.</summary>
    /// <param name="history">Past runs of the pipeline.</param>
    /// <param name="steps">Its steps, each after those that it depends on.</param>
    /// <param name="inputSize">Bytes of its input.</param>
    /// <param name="prices">The charges.</param>
    /// <returns>The forecast; null when no past run had any of the steps.</returns>
    public static Forecast? Of(RunHistory history, IReadOnlyList<ForecastStep> steps, double inputSize, PriceSheet prices)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(prices);
        if (Path(history, steps, inputSize) is not { } path)
            return null;
        var forecasts = steps.Where(s => path.Steps.ContainsKey(s.Id)).Select(s => Of(history, s, inputSize, path, prices)).ToImmutableArray();
        return new Forecast(
            history.Count,
            WithInterval(history, steps, path.Duration),
            forecasts.Sum(s => s.Compute) + path.Duration * prices.Orchestration,
            forecasts.Sum(s => s.Storage),
            forecasts.Sum(s => s.Bytes),
            forecasts,
            [.. steps.Where(s => !path.Steps.ContainsKey(s.Id)).Select(s => s.Id)]);
    }

    /// <summary>How long the rest of a run takes, from what it has done so far.</summary>
    /// <param name="history">Past runs of the pipeline.</param>
    /// <param name="steps">Its steps, each after those that it depends on.</param>
    /// <param name="inputSize">Bytes of its input.</param>
    /// <param name="done">By step, how many of its actions have ended and how many it has; steps that have not begun are left out.</param>
    /// <returns>Seconds along the critical path of what is left, 0 when nothing is; null when no past run had any of the steps.</returns>
    public static double? Remaining(RunHistory history, IReadOnlyList<ForecastStep> steps, double inputSize, IReadOnlyDictionary<string, (int Ended, int Actions)> done)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(done);
        var known = Path(history, steps, inputSize);
        if (known is null)
            return null;
        var ends = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var left = !known.Steps.TryGetValue(step.Id, out var expected) ? 0
                : done.TryGetValue(step.Id, out var progress) ? Makespan(progress.Actions - progress.Ended, expected.Seconds.Value, step.Parallelism)
                : expected.Duration;
            ends[step.Id] = left + step.DependsOn.Select(d => ends.GetValueOrDefault(d)).DefaultIfEmpty(0).Max();
        }

        return ends.Values.Max();
    }

    private static StepForecast Of(RunHistory history, ForecastStep step, double inputSize, CriticalPath path, PriceSheet prices)
    {
        var (count, seconds, duration) = path.Steps[step.Id];
        var objects = history.Predict(step.Action, inputSize)?.Objects ?? [];
        return new StepForecast(
            step.Id,
            count,
            seconds,
            duration,
            count.Value * seconds.Value * prices.Compute,
            count.Value * objects.Sum(o => o.PerAction.Value * prices.Keep(o.Size.Value, o.Lifetime.Value)),
            count.Value * objects.Sum(o => o.PerAction.Value * o.Size.Value),
            path.Critical.Contains(step.Id));
    }

    // The same forecast is made for each past run from the others; how far it would have missed is how far this one may.
    private static Estimate WithInterval(RunHistory history, IReadOnlyList<ForecastStep> steps, double duration)
    {
        const int fewest = 3;
        if (history.Count < fewest)
            return new Estimate(duration, null, null, history.Count);
        var misses = history.Runs
            .Select((run, i) => Path(history.Without(i), steps, run.InputSize ?? 0) is { } path ? Math.Abs(run.Seconds - path.Duration) : (double?)null)
            .OfType<double>().Order().ToList();
        if (misses.Count < fewest)
            return new Estimate(duration, null, null, history.Count);
        var reach = misses[Math.Min(misses.Count - 1, (int)Math.Ceiling(Estimate.Coverage * (misses.Count + 1)) - 1)];
        return new Estimate(duration, Math.Max(0, duration - reach), duration + reach, history.Count);
    }

    private static CriticalPath? Path(RunHistory history, IReadOnlyList<ForecastStep> steps, double inputSize)
    {
        var known = new Dictionary<string, (Estimate Count, Estimate Seconds, double Duration)>(StringComparer.Ordinal);
        var ends = new Dictionary<string, (double End, string? Before)>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var duration = 0.0;
            if (history.PredictStep(step.Id, inputSize) is { } expected)
            {
                duration = Makespan(expected.Count.Value, expected.Seconds.Value, step.Parallelism);
                known.Add(step.Id, (expected.Count, expected.Seconds, duration));
            }

            var before = step.DependsOn.Where(ends.ContainsKey).OrderByDescending(d => ends[d].End).FirstOrDefault();
            ends[step.Id] = (duration + (before is null ? 0 : ends[before].End), before);
        }

        if (known.Count == 0)
            return null;
        var critical = new HashSet<string>(StringComparer.Ordinal);
        var last = ends.MaxBy(e => e.Value.End);
        for (var step = last.Key; step is not null; step = ends[step].Before)
            critical.Add(step);
        return new CriticalPath(last.Value.End, known, critical);
    }

    // Actions of one step take about the same time, so they run in waves.
    private static double Makespan(double count, double seconds, int? parallelism) =>
        count <= 0 ? 0 : seconds * (parallelism is { } most ? Math.Ceiling(Math.Round(count) / most) : 1);

    private sealed record CriticalPath(double Duration, Dictionary<string, (Estimate Count, Estimate Seconds, double Duration)> Steps, HashSet<string> Critical);
}
