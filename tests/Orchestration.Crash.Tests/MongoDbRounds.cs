using System.Globalization;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Serialization;
using Orchestration.Crash.Tests.Rounds;
using Orchestration.Crash.Tests.Support;
using Orchestration.Crash.Tests.Verdicts;
using Orchestration.Host.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Crash.Tests;

/// <summary>MongoDB and OpenWhisk in processes of their own, which live on when the host is killed; and the other way round.</summary>
public sealed class MongoDbRounds
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_killed_host_loses_nothing_and_repeats_only_what_was_interrupted()
    {
        await using var server = await MongoServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("orchestration-crash-dev-").FullName;
        await using (var platform = await SeparatePlatform.StartAsync(folder))
            await RoundSeries.RunAsync("mongodb", rounds: 5, full: 20, platform, server.NewDatabase);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_database_that_is_killed_and_comes_back_after_ten_seconds_loses_nothing_and_the_run_goes_on()
    {
        await using var server = await MongoServer.StartOwnAsync("--replica-set", "rs0");
        var folder = Directory.CreateTempSubdirectory("orchestration-crash-database-").FullName;
        var plan = RoundPlan.Draw(20_260) with { Kills = [] };
        var place = new RoundPlace(folder, server.NewDatabase());
        await using (var platform = await SeparatePlatform.StartAsync(folder))
        {
            var since = DateTimeOffset.UtcNow;
            await using var host = HostProcess.Start(
                folder, platform.Settings, ["run", Path.Combine(RoundPlace.WorkflowFolder, "fan.yaml"), "-p", "items=" + plan.ItemsJson(), .. place.Options, "--blocking-wait", "100ms", "--max-in-flight", "8", "--json"]);
            var (id, before) = await MidRunAsync(host, place);
            await server.KillAsync();
            using (var outage = new PeriodicTimer(Outage))
                await outage.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            Assert.False(host.HasEnded);
            await server.StartAgainAsync();

            var result = await host.WaitAsync();
            using var history = place.OpenHistory();
            var after = history.ReadCommits(id);
            Assert.Equal(before.Select(Text), after.Take(before.Count).Select(Text));
            Assert.Empty(Verdict.Judge(new RoundEvidence(plan, true, [], result.ExitCode, CrashRound.OutputOf(result), [.. after], await platform.ReadActivationsAsync(place, id, since))));
            Assert.Single(after.SelectMany(c => c.Commit.Facts).OfType<Resumed>());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"crash: database: away for {Outage.TotalSeconds} s after {before.Count} rows, all of them there; {after.Count} rows at the end, completed by the same process"));
        }
        Directory.Delete(folder, recursive: true);
    }

    private static string Text(StoredCommit row) => $"{row.SequenceNr} {Convert.ToBase64String(FactJson.Write(row.Commit))}";

    /// <summary>Waits until some actions have succeeded.</summary>
    private static async Task<(OrchestrationId Id, IReadOnlyList<StoredCommit> Rows)> MidRunAsync(HostProcess host, RoundPlace place)
    {
        await host.WaitForLineAsync("fan: 40 actions");
        using var history = place.OpenHistory();
        using var timer = new PeriodicTimer(LookInterval);
        while (true)
        {
            if (history.FindIds("", 1) is [var id] && history.ReadCommits(id) is var rows && rows.SelectMany(r => r.Commit.Facts).OfType<AttemptSucceeded>().Count() >= 8)
                return (id, rows);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
