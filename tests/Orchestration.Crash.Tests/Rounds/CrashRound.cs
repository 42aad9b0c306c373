using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Crash.Tests.Support;
using Orchestration.Host.Storage;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>One run of the workflow whose processes are killed as planned, up to its end.</summary>
internal sealed class CrashRound(RoundPlan plan, RoundPlace place, IRoundPlatform platform)
{
    private const int KilledExitCode = 137;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan RecordInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // An action takes less than a second: what was under way at a kill has a record by then, if OpenWhisk ever got it.
    private static readonly TimeSpan RecordPatience = TimeSpan.FromSeconds(3);

    private readonly List<Death> _deaths = [];
    private readonly DateTimeOffset _since = DateTimeOffset.UtcNow;
    private OrchestrationId? _id;
    private DateTimeOffset _lastDeath;

    public async Task<RoundEvidence> RunAsync()
    {
        var result = await RunProcessesAsync();
        var commits = ReadCommits();
        if (_id is null)
            throw new InvalidOperationException($"The run was never stored:\n{result.All}");
        return new RoundEvidence(plan, platform.Survives, [.. _deaths], result.ExitCode, OutputOf(result), commits, await ReadActivationsAsync(commits));
    }

    private async Task<HostResult> RunProcessesAsync()
    {
        while (true)
        {
            await using var host = HostProcess.Start(place.Folder, platform.Settings, [.. Command(), .. place.Options, "--blocking-wait", "100ms", "--max-in-flight", "8", "--json"]);
            if (_deaths.Count == plan.Kills.Length)
                return await host.WaitAsync();
            var seen = await KillAsync(host, plan.Kills[_deaths.Count]);
            var result = await host.WaitAsync();
            if (result.ExitCode != KilledExitCode)
                return result;
            _lastDeath = DateTimeOffset.UtcNow;
            _deaths.Add(new Death(seen, ReadCommits(), result.All));
        }
    }

    private string[] Command() =>
        _id is { } id ? ["runs", "resume", id.Value] : ["run", Path.Combine(RoundPlace.WorkflowFolder, "fan.yaml"), "-p", "items=" + plan.ItemsJson()];

    /// <summary>Kills the process when the journal shows the planned moment; it may come to its end before.</summary>
    /// <returns>What was seen of the journal last.</returns>
    private async Task<ImmutableArray<StoredCommit>> KillAsync(HostProcess host, PlannedKill kill)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(LookInterval);
        IRunHistory? history = null;
        try
        {
            while (true)
            {
                history ??= OpenHistory();
                var seen = history is null ? [] : Read(history);
                var isNow = kill.IsNow(new AttemptLog(seen), _deaths.Count + 1, DateTimeOffset.UtcNow);
                if (isNow)
                    host.Kill();
                if (isNow || host.HasEnded)
                    return seen;
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        finally
        {
            history?.Dispose();
        }
    }

    private ImmutableArray<StoredCommit> ReadCommits()
    {
        using var history = OpenHistory();
        return history is null ? [] : Read(history);
    }

    // Null until the run is stored: a history that was opened before the storage was made stays empty.
    private IRunHistory? OpenHistory()
    {
        var history = place.OpenHistory();
        _id ??= history.FindIds("", 1) is [var id] ? id : null;
        if (_id is not null)
            return history;
        history.Dispose();
        return null;
    }

    private ImmutableArray<StoredCommit> Read(IRunHistory history) => [.. history.ReadCommits(_id!.Value)];

    /// <summary>Waits for the records of what was under way at a kill: that goes on at OpenWhisk while nobody waits for it.</summary>
    private async Task<ImmutableArray<Activation>> ReadActivationsAsync(ImmutableArray<StoredCommit> commits)
    {
        var interrupted = new AttemptLog(commits).All.Where(a => a.Failure?.Outcome == AttemptOutcome.Interrupted).ToList();
        using var timer = new PeriodicTimer(RecordInterval);
        while (true)
        {
            var activations = await platform.ReadActivationsAsync(place, _id!.Value, _since);
            var ran = activations.Select(a => (a.Action, a.Attempt)).ToHashSet();
            if (!platform.Survives || interrupted.All(a => ran.Contains((a.ActionId, a.Name.Number))) || DateTimeOffset.UtcNow - _lastDeath > RecordPatience)
                return activations;
            await timer.WaitForNextTickAsync();
        }
    }

    public static JsonBytes? OutputOf(HostResult result) => result.ExitCode == 0 ? JsonBytes.From(result.Json().GetProperty("output")) : null;
}
