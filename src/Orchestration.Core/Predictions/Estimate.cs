using System.Collections.Immutable;

namespace Orchestration.Core.Predictions;

/// <summary>A predicted number, with how far observations lay from predictions of the same kind.</summary>
/// <param name="Value">The number that is most likely, in seconds or bytes.</param>
/// <param name="Low">The lower end of the interval; null when too few observations tell.</param>
/// <param name="High">Its upper end; null when too few observations tell.</param>
/// <param name="Observations">How many observations stand behind it.</param>
public sealed record Estimate(double Value, double? Low, double? High, int Observations)
{
    /// <summary>The share of cases that the interval is made to hold.</summary>
    public const double Coverage = 0.9;

    private const int FewestForInterval = 3;

    /// <summary>
    /// Predicts by interpolation. The interval is the jackknife's: each observation is predicted from the others, and the distance that nine of ten
    /// of them keep is taken to both sides (Barber et al., "Predictive inference with the jackknife+", 2021, section 1.1). Below 0 it is cut off.
    /// </summary>
    /// <param name="observations">Place and value of each, in any order.</param>
    /// <param name="x">Where a value is asked for.</param>
    /// <returns>The prediction; null when there is no observation.</returns>
    public static Estimate? Of(IReadOnlyList<(double X, double Y)> observations, double x)
    {
        ArgumentNullException.ThrowIfNull(observations);
        if (observations.Count == 0)
            return null;
        var value = Interpolation.Through(observations).At(x);
        if (observations.Count < FewestForInterval)
            return new Estimate(value, null, null, observations.Count);
        var misses = Residuals(observations).Select(Math.Abs).Order().ToList();
        var reach = misses[Math.Min(misses.Count - 1, (int)Math.Ceiling(Coverage * (misses.Count + 1)) - 1)];
        return new Estimate(value, Math.Max(0, value - reach), value + reach, observations.Count);
    }

    /// <summary>How far each observation lies from what the others predict for its place.</summary>
    /// <param name="observations">Place and value of each; at least two.</param>
    /// <returns>Observed minus predicted, in the order of the observations.</returns>
    public static ImmutableArray<double> Residuals(IReadOnlyList<(double X, double Y)> observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        return [.. observations.Select((o, i) => o.Y - Interpolation.Through(observations.Where((_, j) => j != i)).At(o.X))];
    }
}
