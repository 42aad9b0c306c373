using CsCheck;
using Orchestration.Core.Costs;
using Orchestration.Core.Predictions;

namespace Orchestration.Core.Tests.Predictions;

public class ForecastTests
{
    private static readonly PriceSheet Prices = new(2, 0.5, 0.001);

    private static readonly ForecastStep[] Diamond =
    [
        new("a", "a", [], 1), new("b", "b", ["a"], 2), new("c", "c", ["a"], null), new("d", "d", ["b", "c"], 1),
    ];

    // a 1 s; three b of 2 s, two at a time; one c of 3 s; d 0.5 s: 1 + 4 + 0.5.
    private static RunHistory History(int runs) => RunHistory.Of(Enumerable.Range(1, runs).Select(n => Past.Run(
        n, 1000, 5.5,
        [Past.Action(1, "a", 1), Past.Action(2, "b", 2), Past.Action(3, "b", 2), Past.Action(4, "b", 2), Past.Action(5, "c", 3), Past.Action(6, "d", 0.5, null, Past.Object("out/x", 4, 100, null))])));

    [Fact]
    public void A_run_takes_its_critical_path_and_costs_all_its_steps()
    {
        var forecast = Forecast.Of(History(3), Diamond, 1000, Prices)!;

        Assert.Equal(new Estimate(5.5, 5.5, 5.5, 3), forecast.Duration);
        Assert.Equal(["a", "b", "d"], forecast.Steps.Where(s => s.IsCritical).Select(s => s.Step));
        Assert.Equal((1 + 3 * 2 + 3 + 0.5) * 2 + 5.5 * 0.5, forecast.Compute, 9);
        Assert.Equal((100 * 4 * 0.001, 100), (forecast.Storage, forecast.Bytes));
        Assert.Empty(forecast.Unknown);
    }

    [Fact]
    public void What_no_past_run_had_is_named_and_not_invented()
    {
        var forecast = Forecast.Of(History(1), [.. Diamond, new ForecastStep("new", "other", ["d"], null)], 1000, Prices)!;

        Assert.Equal(["new"], forecast.Unknown);
        Assert.Null(forecast.Duration.Low);
        Assert.Null(Forecast.Of(History(1), [new ForecastStep("new", "other", [], null)], 1000, Prices));
        Assert.Null(Forecast.Of(RunHistory.Of([]), Diamond, 1000, Prices));
    }

    [Fact]
    public void Runs_that_the_others_miss_widen_the_interval()
    {
        var runs = Enumerable.Range(1, 4).Select(n => Past.Run(n, 1000, n == 4 ? 9 : 1.0, Past.Action(1, "a", 1)));

        var duration = Forecast.Of(RunHistory.Of(runs), [Diamond[0]], 1000, Prices)!.Duration;

        Assert.Equal((1.0, 0.0, 9.0), (duration.Value, duration.Low, duration.High));
    }

    [Fact]
    public void What_is_done_shortens_what_is_left()
    {
        var history = History(2);

        Assert.Equal(5.5, Forecast.Remaining(history, Diamond, 1000, new Dictionary<string, (int, int)>()));
        Assert.Equal(2.5, Forecast.Remaining(history, Diamond, 1000, new Dictionary<string, (int, int)> { ["a"] = (1, 1), ["b"] = (2, 3), ["c"] = (1, 1) }));
        Assert.Equal(0, Forecast.Remaining(history, Diamond, 1000, Diamond.ToDictionary(s => s.Id, _ => (3, 3))));
        Assert.Null(Forecast.Remaining(RunHistory.Of([]), Diamond, 1000, new Dictionary<string, (int, int)>()));
    }

    [Fact]
    public void More_parallelism_never_takes_longer_and_a_run_is_no_shorter_than_any_step() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 10], Gen.Int[0, 10], Gen.Double[0.01, 60]).Sample((count, parallelism, more, seconds) =>
    {
        var history = RunHistory.Of([Past.Run(1, 10, 1, [Past.Action(1, "a", seconds), .. Enumerable.Range(2, count).Select(i => Past.Action(i, "b", seconds))])]);
        Forecast With(int most) => Forecast.Of(history, [new("a", "a", [], 1), new("b", "b", ["a"], most)], 10, Prices)!;
        var (narrow, wide) = (With(parallelism), With(parallelism + more));
        return wide.Duration.Value <= narrow.Duration.Value + 1e-9
            && narrow.Steps.All(s => s.Duration <= narrow.Duration.Value + 1e-9)
            && Math.Abs(narrow.Duration.Value - narrow.Steps.Where(s => s.IsCritical).Sum(s => s.Duration)) < 1e-6;
    });
}
