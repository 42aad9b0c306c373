using CsCheck;
using Orchestration.Core.Predictions;

namespace Orchestration.Core.Tests.Predictions;

public class InterpolationTests
{
    private static readonly Gen<(double X, double Y)[]> Observations = Gen.Select(Gen.Double[0, 1e9], Gen.Double[0, 1e6]).Array[1, 30];

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(1.5, 15)]
    [InlineData(2, 20)]
    [InlineData(3.7, 14.049999999999999)]
    [InlineData(4, 13)]
    [InlineData(10, 13)]
    public void It_gives_what_numpy_interp_gives(double x, double y) => Assert.Equal(y, Interpolation.Through([(4, 13), (1, 10), (2, 20)]).At(x));

    [Fact]
    public void Observations_at_one_place_count_as_their_mean() => Assert.Equal(2, Interpolation.Through([(5, 1), (5, 3)]).At(5));

    [Fact]
    public void Without_observations_there_is_no_curve()
    {
        Assert.Throws<ArgumentException>(() => Interpolation.Through([]));
        Assert.Null(Estimate.Of([], 3));
    }

    [Fact]
    public void A_value_lies_between_its_neighbours() => Gen.Select(Observations, Gen.Double[0, 1e9]).Sample((observations, x) =>
    {
        var value = Interpolation.Through(observations).At(x);
        var points = observations.GroupBy(o => o.X).Select(g => (X: g.Key, Y: g.Average(o => o.Y))).OrderBy(p => p.X).ToList();
        var (below, above) = (points.LastOrDefault(p => p.X <= x, points[0]), points.FirstOrDefault(p => p.X >= x, points[^1]));
        var slack = 1e-6 * Math.Max(1, Math.Max(below.Y, above.Y));
        return value >= Math.Min(below.Y, above.Y) - slack && value <= Math.Max(below.Y, above.Y) + slack;
    });

    [Fact]
    public void The_order_of_observations_does_not_matter() => Gen.Select(Observations, Gen.Double[0, 1e9]).Sample((observations, x) =>
        Math.Abs(Interpolation.Through(observations).At(x) - Interpolation.Through(observations.Reverse()).At(x)) <= 1e-6 * (1 + Math.Abs(Interpolation.Through(observations).At(x))));

    [Fact]
    public void An_interval_holds_its_value_and_is_never_negative() => Gen.Select(Observations, Gen.Double[0, 1e9]).Sample((observations, x) =>
    {
        var estimate = Estimate.Of(observations, x)!;
        return observations.Length < 3 ? estimate is { Low: null, High: null } : estimate.Low >= 0 && estimate.Low <= estimate.Value && estimate.Value <= estimate.High;
    });

    [Fact]
    public void An_interval_reaches_as_far_as_nine_of_ten_predictions_missed()
    {
        // Each of the twenty lies 1 off what the other nineteen, which are constant, say for its place; two lie 100 off.
        var observations = Enumerable.Range(0, 20).Select(i => ((double)i, i is 5 or 12 ? 100.0 : 0.0)).ToList();

        var residuals = Estimate.Residuals(observations);

        Assert.Equal([100, 100], residuals.Where(r => r > 60));
        Assert.Equal(100, Estimate.Of(observations, 30)!.High);
        Assert.Equal(50, Estimate.Of([.. observations.Where(o => o.Item1 != 12)], 30)!.High!.Value, 9);
    }
}
