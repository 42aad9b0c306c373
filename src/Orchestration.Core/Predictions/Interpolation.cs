using System.Collections.Immutable;

namespace Orchestration.Core.Predictions;

/// <summary>
/// A curve through observations: linear between points, constant beyond them, as <c>numpy.interp</c> has it. Observations at the same place
/// count as one, with their mean.
/// </summary>
public sealed class Interpolation
{
    private readonly ImmutableArray<(double X, double Y)> _points;

    private Interpolation(ImmutableArray<(double X, double Y)> points) => _points = points;

    /// <summary>Puts a curve through observations.</summary>
    /// <param name="observations">Place and value of each, in any order; at least one.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Interpolation Through(IEnumerable<(double X, double Y)> observations)
    {
        ImmutableArray<(double X, double Y)> points = [.. observations.GroupBy(o => o.X).OrderBy(g => g.Key).Select(g => (g.Key, g.Average(o => o.Y)))];
        return points.IsEmpty ? throw new ArgumentException("There is no observation to put a curve through.", nameof(observations)) : new Interpolation(points);
    }

    /// <summary>The curve's value.</summary>
    /// <param name="x">Where.</param>
    /// <returns>The value; that of the nearest point where there is none on one side.</returns>
    public double At(double x)
    {
        if (x <= _points[0].X)
            return _points[0].Y;
        for (var i = 1; i < _points.Length; i++)
        {
            var ((x0, y0), (x1, y1)) = (_points[i - 1], _points[i]);
            if (x < x1)
                return (y1 - y0) / (x1 - x0) * (x - x0) + y0;
            if (x == x1)
                return y1;
        }

        return _points[^1].Y;
    }
}
