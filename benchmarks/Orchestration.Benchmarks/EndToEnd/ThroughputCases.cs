using System.Diagnostics;
using Orchestration.Core.Facts;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>How fast actions that take no time go through, beside a bare loop in the same process against the same server.</summary>
internal static class ThroughputCases
{
    private const int Connections = 100;

    public static async Task<List<Measured>> SequenceAsync(Uri server, StandInServer? counter)
    {
        var length = Sizes.Of(1000);
        using var loop = new BareLoop(server, 1);
        await loop.RunAsync(1, length);
        var bare = await TimeAsync(() => loop.RunAsync(1, length));
        await using var side = await OrchestratorSide.StartAsync(server, 1);
        await side.SequencesAsync(1, Sizes.Of(1000));
        await CheckAsync(counter, null);
        var run = await side.StartSequenceAsync(length);
        await run.WaitForEndAsync();
        await CheckAsync(counter, length);
        var starts = new List<DateTimeOffset>();
        await foreach (var row in side.Client.ReadHistoryAsync(run.Id))
            starts.AddRange(row.Commit.Facts.OfType<AttemptStarted>().Select(s => s.Time));
        var steps = starts.Zip(starts.Skip(1)).Select(p => (p.Second - p.First).TotalMilliseconds).ToList();
        var own = bare / length * 1000;
        return
        [
            new("a step beyond the request alone, p50", Math.Max(0, Sizes.Quantile(steps, 0.5) - own), "ms", 1.0),
            new("p99", Math.Max(0, Sizes.Quantile(steps, 0.99) - own), "ms", 5),
            new("bare loop, a step", own, "ms"),
        ];
    }

    public static async Task<List<Measured>> FanOutAsync(Uri server, StandInServer? counter)
    {
        var count = Sizes.Of(10_000);
        using var loop = new BareLoop(server, Connections);
        await using var side = await OrchestratorSide.StartAsync(server, Connections);
        // Both sides run compiled code when they are timed.
        for (var i = 0; i < 10; i++)
        {
            await loop.RunAsync(count, 1);
            await side.FanOutAsync(count, Connections);
        }
        var (bare, ours) = (new List<double>(), new List<double>());
        var served = TimeSpan.Zero;
        for (var i = 0; i < 7; i++)
        {
            await CheckAsync(counter, null);
            var before = counter!.ProcessorTime;
            bare.Add(await TimeAsync(() => loop.RunAsync(count, 1)));
            served += counter.ProcessorTime - before;
            await CheckAsync(counter, count);
            ours.Add(await TimeAsync(() => side.FanOutAsync(count, Connections)));
            await CheckAsync(counter, count);
        }
        return
        [
            new("time", Sizes.Quantile(ours, 0.5), "s", 2.0),
            new("share of the bare loop's throughput", 100 * Sizes.Quantile(bare.Zip(ours, (b, o) => b / o), 0.5), "%", 50, IsLeast: true),
            new("bare loop", Sizes.Quantile(bare, 0.5), "s"),
            // Of all the processors' time, it took so much for as many requests; the kernel counts that in ticks of 10 ms.
            new("what the stand-in could sustain beside that", bare.Sum() * Environment.ProcessorCount / Math.Max(0.01, served.TotalSeconds), "×", 2, IsLeast: true),
        ];
    }

    public static async Task<List<Measured>> LargeAsync(Uri server, StandInServer? counter)
    {
        var (small, large) = (Sizes.Of(10_000), Sizes.Of(100_000));
        await using var side = await OrchestratorSide.StartAsync(server, Connections);
        for (var i = 0; i < 3; i++)
            await side.FanOutAsync(small, Connections);
        var first = await TimeAsync(() => side.FanOutAsync(small, Connections));
        await CheckAsync(counter, null);
        var seconds = await TimeAsync(() => side.FanOutAsync(large, Connections));
        await CheckAsync(counter, large);
        return
        [
            new("time", seconds, "s", 25),
            new("memory at the peak", Sizes.PeakMegabytes, "MB", 400),
            new("time of an action beside that of 10,000", seconds / large / (first / small), "×", 1.2),
        ];
    }

    public static async Task<List<Measured>> ManyAsync(Uri server, StandInServer? counter)
    {
        var runs = Sizes.Of(1000);
        await using var side = await OrchestratorSide.StartAsync(server, 64);
        for (var i = 0; i < 3; i++)
            await side.SequencesAsync(runs, 5);
        await CheckAsync(counter, null);
        var seconds = await TimeAsync(() => side.SequencesAsync(runs, 5));
        await CheckAsync(counter, runs * 5);
        return [new("throughput", runs * 5 / seconds, "actions/s", 4000, IsLeast: true), new("runs", runs / seconds, "runs/s")];
    }

    /// <summary>The fan-out again and again, for a profiler.</summary>
    public static async Task<int> RepeatFanOutAsync(int times)
    {
        using var server = StandInServer.Start();
        await using var side = await OrchestratorSide.StartAsync(server.Address, Connections);
        for (var i = 0; i < times; i++)
            Console.WriteLine(await TimeAsync(() => side.FanOutAsync(10_000, Connections)));
        return 0;
    }

    /// <summary>Takes the server's count, and fails unless it is the one that must be.</summary>
    public static async Task CheckAsync(StandInServer? counter, int? expected)
    {
        var count = await counter!.TakeCountAsync();
        if (expected is { } must && count != must)
            throw new InvalidOperationException($"{count} invocations were counted instead of {must}.");
    }

    public static async Task<double> TimeAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }
}
