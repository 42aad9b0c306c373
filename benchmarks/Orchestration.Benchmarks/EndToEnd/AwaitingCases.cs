using System.Diagnostics;
using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Core.Scheduling;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>Activations that take time: how late their ends are known, with how many requests, and how they are taken up after a kill.</summary>
internal static class AwaitingCases
{
    // Longer than it takes to have all of them accepted.
    private static readonly TimeSpan TakeUpTime = TimeSpan.FromSeconds(Sizes.IsSmoke ? 4 : 20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Activations of several lengths at once; those up to 5 s end within the blocking invoke.</summary>
    public static async Task<List<Measured>> NoticeAsync(Uri server, StandInServer? counter)
    {
        int[] held = [100, 1000, 4000], awaited = Sizes.IsSmoke ? [6000] : [6000, 12_000, 30_000];
        const int each = 20;
        await using var side = await OrchestratorSide.StartAsync(server, 400);
        var run = await side.Client.StartAsync(new StartRequest("notice"));
        // What an action usually takes is known after its first activations; a namespace has run its actions before.
        await run.MakeActionsAsync([.. held.Concat(awaited).Select(ms => Take(ms))], key: "before");
        await ThroughputCases.CheckAsync(counter, held.Length + awaited.Length);
        var before = (await side.Client.GetPacingAsync()).Requests;
        await run.MakeActionsAsync([.. held.SelectMany(ms => Enumerable.Repeat(Take(ms), each))], key: "held");
        var requests = (await side.Client.GetPacingAsync()).Requests;
        await run.MakeActionsAsync([.. awaited.SelectMany(ms => Enumerable.Repeat(Take(ms), each))], key: "awaited");
        await ThroughputCases.CheckAsync(counter, each * (held.Length + awaited.Length));
        var (late, share) = (new List<double>(), new List<double>());
        await foreach (var row in side.Client.ReadHistoryAsync(run.Id))
            foreach (var ended in row.Commit.Facts.OfType<AttemptSucceeded>().Where(a => a.Batch > 0))
            {
                var (duration, after) = (ended.Timing!.End - ended.Timing.Start, Math.Max(0, (ended.Time - ended.Timing.End).TotalMilliseconds));
                if (ended.Batch == 1)
                    late.Add(after);
                else
                    share.Add(after / Math.Max(50, duration.TotalMilliseconds * 0.05));
            }
        return
        [
            new("within the blocking wait, p50", Sizes.Quantile(late, 0.5), "ms", 10),
            new("awaited, p50 in parts of 5 % of the duration, at least 50 ms", Sizes.Quantile(share, 0.5), "×", 1),
            new("requests for an action within the blocking wait", (Sum(requests) - Sum(before)) / (double)(held.Length * each), "", 1.2),
        ];
    }

    /// <summary>Kills a process with activations in flight that have all been accepted, and times how long the next one takes until it has been shown each.</summary>
    public static async Task<List<Measured>> TakeUpAsync(Uri server, StandInServer? counter)
    {
        var count = Sizes.Of(10_000);
        var folder = Directory.CreateTempSubdirectory("orchestration-take-up-").FullName;
        try
        {
            using (var first = Start("take-up-begin", folder, server, count))
            {
                if (await first.StandardOutput.ReadLineAsync() != "accepted")
                    throw new InvalidOperationException($"The first process did not begin: {await first.StandardError.ReadToEndAsync()}");
                first.Kill();
                await first.WaitForExitAsync();
            }
            await ThroughputCases.CheckAsync(counter, count);
            // All have ended by now, so that each is known by the first look at it.
            await Task.Delay(TakeUpTime + TimeSpan.FromSeconds(1));
            await counter!.TakeSeenAsync();
            using var second = Start("take-up-go-on", folder, server, count);
            var started = await second.StandardOutput.ReadLineAsync();
            var watch = Stopwatch.StartNew();
            for (var seen = 0; seen < count; seen += await counter.TakeSeenAsync())
            {
                if (watch.Elapsed > Patience || second.HasExited)
                    throw new InvalidOperationException($"Only {seen} of {count} were looked at: {started}");
                await Task.Delay(10);
            }
            var seconds = watch.Elapsed.TotalSeconds;
            await second.WaitForExitAsync();
            await ThroughputCases.CheckAsync(counter, 0);
            return [new("from start-up until each was looked at", seconds, "s", 2.0)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The process that is killed.</summary>
    public static async Task<int> BeginAsync(string folder, Uri server, int count)
    {
        await using var side = await OrchestratorSide.StartAsync(server, 200, folder, maxInFlight: count, hocon: $"orchestration.pool-size = {count}");
        var run = await side.Client.StartAsync(new StartRequest("take-up"));
        await File.WriteAllTextAsync(Path.Combine(folder, "run"), run.Id.Value);
        await side.Client.SubmitBatchAsync(run.Id, new BatchSpec("all", [.. Enumerable.Repeat(new ActionSpec("later", JsonBytes.Parse($$"""{"ms":{{(int)TakeUpTime.TotalMilliseconds}}}""")), count)], new BatchOptions(null, RetryPolicy.Default, Writers.Single)));
        for (var accepted = 0; accepted < count;)
        {
            await Task.Delay(50);
            accepted = 0;
            await foreach (var row in side.Client.ReadHistoryAsync(run.Id))
                accepted += row.Commit.Facts.Count(f => f is ActivationAccepted);
        }
        Console.WriteLine("accepted");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    /// <summary>The process that goes on.</summary>
    public static async Task<int> GoOnAsync(string folder, Uri server, int count)
    {
        await using var side = await OrchestratorSide.StartAsync(server, 200, folder, maxInFlight: count, hocon: $"orchestration.resume-on-start = off, orchestration.pool-size = {count}");
        Console.WriteLine("started");
        var run = await side.Client.ResumeAsync(OrchestrationId.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "run"))));
        await side.Client.WaitForBatchAsync(run.Id, "all");
        return 0;
    }

    private static long Sum(RequestCounts counts) => counts.Invocations + counts.Looks + counts.ListPages;

    // Each length is an action of its own to what is known of durations.
    private static ActionSpec Take(int ms) => new($"of-{ms}/take", JsonBytes.Parse($$"""{"ms":{{ms}}}"""));

    private static Process Start(string what, string folder, Uri server, int count) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [what, folder, server.AbsoluteUri, $"{count}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
