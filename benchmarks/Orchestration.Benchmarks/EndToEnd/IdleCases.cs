using System.Diagnostics;
using System.Globalization;
using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Host.Running;

namespace Orchestration.Benchmarks.EndToEnd;

/// <summary>Orchestrations that wait, and one that comes back with much behind it.</summary>
internal static class IdleCases
{
    private static readonly TimeSpan LongRetry = TimeSpan.FromHours(1);

    /// <summary>Orchestrations whose only action waits an hour for its retry, out of memory; and some whose retry is due while we look.</summary>
    public static async Task<List<Measured>> IdleAsync(Uri server, StandInServer? counter)
    {
        var (idle, waking) = (Sizes.Of(10_000), Sizes.Of(500));
        // What waits shorter than a minute stays in memory, so those that wake up are due in more than that.
        var due = TimeSpan.FromSeconds(Sizes.IsSmoke ? 3 : 75);
        await using var side = await OrchestratorSide.StartAsync(server, 50, hocon: "orchestration.idle-timeout = 500ms");
        await FailAsync(side.Client, waking, due, TimeSpan.FromMilliseconds(20));
        await FailAsync(side.Client, idle, LongRetry, TimeSpan.Zero);
        await ThroughputCases.CheckAsync(counter, idle + waking);
        while ((await side.Client.GetUnfinishedAsync()).Entries.Values.Count(e => e.SleepsUntil is not null) < (Sizes.IsSmoke ? idle : idle + waking))
            await Task.Delay(100);
        // As serve does when it has been idle for a while.
        var trim = new IdleMemory(TimeProvider.System);
        for (var watch = Stopwatch.StartNew(); !trim.Look() && watch.Elapsed < IdleMemory.Patience * 1.5 && !Sizes.IsSmoke;)
            await Task.Delay(500);
        var memory = Sizes.Megabytes;
        while (await counter!.PeekAsync() < waking)
            await Task.Delay(100);
        var late = new List<double>();
        foreach (var id in Waking)
        {
            DateTimeOffset? again = null;
            await foreach (var row in side.Client.ReadHistoryAsync(id))
                foreach (var fact in row.Commit.Facts)
                {
                    if (fact is AttemptFailed { RetryAt: { } at } && again is null)
                        again = at;
                    else if (fact is AttemptStarted { Attempt: 2 } second)
                        late.Add((second.Time - again!.Value).TotalMilliseconds);
                }
        }
        return [new("memory of the process", memory, "MB", 250), new("of that objects", GC.GetTotalMemory(false) / 1e6, "MB"), new("due → attempt stored, p99", Sizes.Quantile(late, 0.99), "ms", 20), new("p50", Sizes.Quantile(late, 0.5), "ms")];
    }

    /// <summary>An orchestration of 50,000 events whose process was killed.</summary>
    public static async Task<List<Measured>> ResumeAsync(Uri server, StandInServer? counter)
    {
        var folder = Directory.CreateTempSubdirectory("orchestration-resume-").FullName;
        try
        {
            using (var first = Start("resume-begin", folder, server))
            {
                if (await first.StandardOutput.ReadLineAsync() != "stored")
                    throw new InvalidOperationException($"The first process did not begin: {await first.StandardError.ReadToEndAsync()}");
                first.Kill();
                await first.WaitForExitAsync();
            }
            await ThroughputCases.CheckAsync(counter, Actions + 1);
            using var second = Start("resume-go-on", folder, server);
            var numbers = (await second.StandardOutput.ReadToEndAsync()).Split('\n')[0].Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToList();
            await second.WaitForExitAsync();
            return [new("time until it answers", numbers[0], "s", 0.5), new("memory beyond the state", numbers[1], "MB", 50)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Added, started and succeeded are three events each.
    private static int Actions => Sizes.Of(50_000) / 3;

    private static List<OrchestrationId> Waking { get; } = [];

    public static async Task<int> BeginResumeAsync(string folder, Uri server)
    {
        await using var side = await OrchestratorSide.StartAsync(server, 100, folder);
        var run = await side.Client.StartAsync(new StartRequest("resume"));
        await run.MakeActionsAsync(Enumerable.Range(0, Actions).Select(i => new ActionSpec("noop", JsonBytes.Parse($$"""{"n":{{i}}}"""))), parallelism: 100);
        await side.Client.SubmitBatchAsync(run.Id, new BatchSpec("open", [new ActionSpec("later", JsonBytes.Parse("""{"ms":3600000}"""))], BatchOptions.Default));
        while ((await side.Client.GetPacingAsync()).Requests.Invocations <= Actions)
            await Task.Delay(10);
        await File.WriteAllTextAsync(Path.Combine(folder, "run"), run.Id.Value);
        Console.WriteLine("stored");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static async Task<int> GoOnResumeAsync(string folder, Uri server)
    {
        await using var side = await OrchestratorSide.StartAsync(server, 100, folder, hocon: "orchestration.resume-on-start = off");
        await side.Client.GetUnfinishedAsync();
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var rss = Sizes.Megabytes;
        var watch = Stopwatch.StartNew();
        var run = await side.Client.ResumeAsync(OrchestrationId.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "run"))));
        var progress = await side.Client.GetProgressAsync(run.Id);
        var seconds = watch.Elapsed.TotalSeconds;
        if (progress.Batches[0].Succeeded != Actions)
            throw new InvalidOperationException($"{progress.Batches[0].Succeeded} actions are known instead of {Actions}.");
        var peak = Sizes.PeakMegabytes;
        var state = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {Math.Max(0, peak - rss - state)}"));
        return 0;
    }

    // Apart in time, so that those that wake up do not wait for each other.
    private static async Task FailAsync(IOrchestrationClient client, int count, TimeSpan retry, TimeSpan apart)
    {
        var batch = new BatchSpec("one", [new ActionSpec("fail", JsonBytes.EmptyObject)], new BatchOptions(null, new RetryPolicy { Retries = 1, Backoff = BackoffKind.Fixed, Initial = retry, Max = retry, Jitter = false }, Writers.Single));
        foreach (var chunk in Enumerable.Range(0, count).Chunk(apart > TimeSpan.Zero ? 1 : 200))
        {
            await Task.WhenAll(chunk.Select(async _ =>
            {
                var run = await client.StartAsync("idle");
                await client.SubmitBatchAsync(run.Id, batch);
                if (retry != LongRetry)
                    Waking.Add(run.Id);
            }));
            await Task.Delay(apart);
        }
        while ((await client.GetPacingAsync()).InFlight > 0)
            await Task.Delay(10);
    }

    private static Process Start(string what, string folder, Uri server) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [what, folder, server.AbsoluteUri]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
