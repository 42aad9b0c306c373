using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>Fails runs whose batches a client makes, when for long nobody has added one or waited for one: their client is gone, and they would stay unfinished for ever.</summary>
/// <param name="client">The orchestrator.</param>
/// <param name="active">The runs that go on here.</param>
/// <param name="storage">Where they are stored.</param>
/// <param name="after">How long is long.</param>
/// <param name="terminal">Where its person is told.</param>
/// <param name="time">The clock.</param>
internal sealed class AbandonedRuns(IOrchestrationClient client, ActiveRuns active, RunStorage storage, TimeSpan after, Terminal terminal, TimeProvider time)
{
    /// <summary>After how long a run counts as abandoned when nothing is set.</summary>
    public static readonly TimeSpan DefaultAfter = TimeSpan.FromDays(1);

    // Whoever waited while the service was not there gets time to come back.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset _began = time.GetUtcNow();

    // When each may be abandoned at the earliest; never for one that a workflow drives. So most are not looked at, which would bring them into memory.
    private readonly Dictionary<OrchestrationId, DateTimeOffset> _next = [];

    /// <summary>Looks again and again.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(after / 4 < LongestPause ? after / 4 : LongestPause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                var all = active.All.ToHashSet();
                foreach (var gone in _next.Keys.Where(id => !all.Contains(id)).ToList())
                    _next.Remove(gone);
                foreach (var id in all)
                    await LookAtAsync(id, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    private async Task LookAtAsync(OrchestrationId id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (active.LastVisit(id) is var visit && (visit is null ? now - _began < (after < Grace ? after : Grace) : now - visit < after))
            return;
        if (_next.TryGetValue(id, out var next) && now < next)
            return;
        try
        {
            _next[id] = EarliestEnd(id);
            if (now < _next[id])
                return;
            var progress = await client.GetProgressAsync(id, cancellation);
            if (progress.Status != OrchestrationStatus.Running || progress.Batches.Any(b => b.Succeeded + b.Failed < b.Count))
            {
                // What is stored tells nothing new for as long as an action takes, and looking wakes a run that sleeps.
                _next[id] = now + (after / 4);
                return;
            }
            await client.FailAsync(id, new Failure("ABANDONED", $"Nobody has added a batch to the run or waited for one for {Humanize.Duration(after)}. Its client is gone; --abandon-after of the service sets how long that may be."), cancellation);
            terminal.Note($"run {id} was abandoned by its client and has failed");
        }
        catch (Exception e) when (e is OrchestrationException or DamagedRunException)
        {
            terminal.Complain($"warning: run {id} cannot be looked at: {e.Message}");
        }
    }

    private DateTimeOffset EarliestEnd(OrchestrationId id)
    {
        using var runs = new StoredRuns(storage);
        if (runs.ReadStart(id).Pipeline is not null)
            return DateTimeOffset.MaxValue;
        return runs.ReadCommits(id).SelectMany(c => c.Commit.Facts).Where(f => f is not Resumed).Select(f => f.Time).DefaultIfEmpty(DateTimeOffset.MinValue).Max() + after;
    }
}
