using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Predictions;
using Orchestration.Core.Reports;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Catalogs;

/// <summary>Costs and predictions over history of the Python system equal its tools' formulas to the last digit; the numbers are derived beside each expectation.</summary>
public sealed class GoldenHistoryTests(SharedMongo mongo)
{
    // With a power of two, every product and sum below is exact.
    private static readonly PriceSheet Prices = new(0.5, 0.25, 1.0 / 1048576);

    private readonly string _database = mongo.Server.NewDatabase();

    [Fact]
    public async Task Costs_and_predictions_equal_the_old_tools_formulas()
    {
        await new GoldenHistory(_database).WriteAsync();
        var videos = new List<RunFigures>();
        for (var n = 0; n < GoldenHistory.Videos; n++)
            videos.Add(await ReadAsync(GoldenHistory.Video(n)));

        CheckRun(RunCost.Of(videos[0], Prices), RunCost.Of(videos[3], Prices));
        CheckName([.. videos.Select(v => RunCost.Of(v, Prices))]);
        CheckActions(videos);
        CheckPredictions(RunHistory.Of(videos));

        var bots = new List<RunFigures>();
        for (var n = 0; n < GoldenHistory.Bots.Length; n++)
            bots.Add(await ReadAsync(GoldenHistory.Bot(n)));
        CheckInterpolation(RunHistory.Of(bots));
    }

    private static void CheckRun(RunCost first, RunCost withRetry)
    {
        // k = 0: action_time_taken = 1 + 2·2 + 0.5 = 5.5, time_taken = 10.0625; 5.5·0.5 + 10.0625·0.25 = 2.75 + 2.515625.
        Assert.Equal(5.265625, first.Compute);
        // Two chunks 9 s · 500,000, two parts 6 s · 100,000, the film 1 s · 200,000: 10,400,000 byte-seconds / 2^20.
        Assert.Equal(9.918212890625, first.Storage);
        // Run 3 has k = 9 and failed for 0.75 s: action_time_taken = 3.25 + 2·6.5 + 0.5 + 0.75 = 17.5; 17.5·0.5 + 19.0625·0.25.
        Assert.Equal(13.515625, withRetry.Compute);
    }

    private static void CheckName(IReadOnlyList<RunCost> costs)
    {
        var mean = MeanCost.Of([.. costs.Select(c => (c.Compute, c.Storage))]);
        // The mean of k is 5.5: (5.5 + 1.25·5.5)·0.5 + 0.75·0.5/12 + (10.0625 + 5.5)·0.25 = 6.1875 + 0.03125 + 3.890625.
        Assert.Equal(10.109375, mean.Compute);
        // Σ (k + 1)(10,400,000 + 750,000 k) = 78·10,400,000 + 572·750,000 = 1,240,200,000; / 12 / 2^20.
        Assert.Equal(98.562240600585938, mean.Storage);
    }

    private static void CheckActions(List<RunFigures> videos)
    {
        // The mean over its two attempts: (0.75 + 6.5)/2 = 3.625, at 0.5; one part: 6 s · 1,000,000 bytes / 2^20.
        var retried = ActionCost.Of(videos[3].Actions.Single(a => a.Id == GoldenHistory.ActionOf(GoldenHistory.Video(3), 2)), videos[3].Id, Prices);
        Assert.Equal((1.8125, 5.7220458984375), (retried.Compute, retried.Storage));
        // combine: always 0.5 s at 0.5; the film lives 1 s, and the mean of 200,000 (k + 1) is 1,300,000; / 2^20.
        var combines = videos.Select(v => ActionCost.Of(v.Actions.Single(a => a.Name == "combine"), v.Id, Prices)).ToList();
        var mean = MeanCost.Of([.. combines.Select(c => (c.Compute, c.Storage))]);
        Assert.Equal((0.25, 1.239776611328125), (mean.Compute, mean.Storage));
    }

    private static void CheckPredictions(RunHistory videos)
    {
        // Between 5,000,000 (k = 4) and 6,000,000 bytes (k = 5): 1 + 4.5/4.
        var split = videos.Predict("split", 5_500_000)!;
        Assert.Equal(2.125, split.Runtime.Value);
        // chunk_0 and chunk_1 of all runs play one role, whatever their time stamps: two for each split, 500,000·5.5 bytes, kept 9 + 0.75·4.5 s.
        var chunks = Assert.Single(split.Objects);
        Assert.Equal(("chunks/chunk_{n}_{n}.mp4", 2.0, 2_750_000.0, 12.375), (chunks.Role, chunks.PerAction.Value, chunks.Size.Value, chunks.Lifetime.Value));
        // Beyond the largest input it stays what it was there: k = 11.
        Assert.Equal(1 + 11 / 4.0, videos.Predict("split", 1e9)!.Runtime.Value);
        Assert.Equal([("split", 1)], videos.ParentsOf("transcode"));
        Assert.Equal([("transcode", 2)], videos.ParentsOf("combine"));

        // All inner runs lie on a line through their neighbours; each of the two outer ones is off by one step of 0.25 s: 2·0.25/12.
        var backtest = Backtest.Of(videos);
        Assert.Equal(0.5 / 12, backtest.Single(l => l is { Action: "split", What: Predicted.Runtime }).Error, 12);
        Assert.All(backtest.Where(l => l.Action != "combine"), line => Assert.True(line.Error <= line.NaiveError, $"{line}"));
    }

    private static void CheckInterpolation(RunHistory bots)
    {
        // numpy.interp of version 1.24 over the runs sorted by their input.
        (double X, double Y)[] expected = [(50, 1.5), (100, 1.5), (150, 2.25), (350, 3.5), (650, 5.6875), (1200, 5.3125), (2000, 8.125)];
        Assert.All(expected, e => Assert.Equal(e.Y, bots.Predict("train", e.X)!.Runtime.Value));
    }

    private async Task<RunFigures> ReadAsync(OrchestrationId id)
    {
        var catalog = CatalogOfTest.Open(_database);
        var report = OrchestrationReport.From(id, [(await catalog.ReadRecordedAsync(id, CancellationToken.None))!]);
        return RunFigures.Of(report, await catalog.ReadRecordedFiguresAsync(id, CancellationToken.None));
    }
}
