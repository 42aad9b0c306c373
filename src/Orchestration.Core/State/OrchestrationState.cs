using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.State;

/// <summary>Where an orchestration stands.</summary>
public enum OrchestrationStatus
{
    /// <summary>It was never started.</summary>
    None,

    /// <summary>It was started and has not ended.</summary>
    Running,

    /// <summary>It is complete.</summary>
    Completed,

    /// <summary>It has failed.</summary>
    Failed,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>Another system recorded it, without an end: nobody can tell whether it came to one. Never the status of a state that is folded from facts.</summary>
    Unknown,
}

/// <summary>The whole state of one orchestration: a fold of its facts (<see cref="StateFold"/>).</summary>
public sealed record OrchestrationState
{
    /// <summary>Before the first fact.</summary>
    public static OrchestrationState Empty { get; } = new();

    /// <summary>Where it stands.</summary>
    public OrchestrationStatus Status { get; init; }

    /// <summary>How it was started; null before.</summary>
    public OrchestrationStarted? Started { get; init; }

    /// <summary>Which process owns it; null before it was started.</summary>
    public string? Owner { get; init; }

    /// <summary>Counts the owners.</summary>
    public int Epoch { get; init; }

    /// <summary>Its batches by number.</summary>
    public ImmutableList<BatchState> Batches { get; init; } = [];

    /// <summary>The numbers of the sealed batches by key.</summary>
    public ImmutableDictionary<string, int> Keys { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The numbers of the batches that are sealed and have not ended.</summary>
    public ImmutableSortedSet<int> Active { get; init; } = [];

    /// <summary>The steps that its pipeline passed over.</summary>
    public ImmutableHashSet<string> Skipped { get; init; } = [];

    /// <summary>The objects that its actions have written.</summary>
    public WrittenObjects Written { get; init; } = WrittenObjects.None;

    /// <summary>How often each lost object was chased.</summary>
    public ImmutableDictionary<ObjectKey, int> Chases { get; init; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>How many re-runs were planned.</summary>
    public int Jobs { get; init; }

    /// <summary>Objects that came out different and whose readers are not planned again yet.</summary>
    public ImmutableSortedSet<ObjectKey> Changed { get; init; } = [];

    /// <summary>Who waits for an action, by the action's place.</summary>
    public ImmutableDictionary<Place, ImmutableList<Place>> Dependents { get; init; } = ImmutableDictionary<Place, ImmutableList<Place>>.Empty;

    /// <summary>The re-runs for which it claims or has the turn among all orchestrations: nothing else keeps them from running.</summary>
    public ImmutableSortedSet<Place> Reruns { get; init; } = [];

    /// <summary>What it gave back; JSON null before it is complete.</summary>
    public JsonBytes Output { get; init; }

    /// <summary>Why it failed or was cancelled; null when it did not.</summary>
    public Failure? Failure { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether it is complete, failed or cancelled.</summary>
    public bool Ended => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Cancelled;

    /// <summary>How many attempts are under way in all batches.</summary>
    public int Running
    {
        get
        {
            var running = 0;
            foreach (var number in Active)
                running += Batches[number].Running;
            return running;
        }
    }

    /// <summary>How many attempts could be started now, by the batches' own bounds.</summary>
    /// <param name="now">The time.</param>
    /// <param name="enough">Counting stops there.</param>
    /// <param name="grants">Which actions have the grants that they wait for; null for none.</param>
    /// <returns>The sum over the batches that run, at most <paramref name="enough"/>.</returns>
    public int Startable(DateTimeOffset now, int enough = int.MaxValue, GrantedWrites? grants = null)
    {
        if (Status != OrchestrationStatus.Running)
            return 0;
        var startable = 0;
        foreach (var number in Active)
        {
            var batch = Batches[number];
            var wanted = Math.Min(batch.Room, enough - startable);
            startable += Math.Min(wanted, batch.Ready(now, wanted) + (batch.Stops(now) ? 0 : grants?.Count(number) ?? 0));
            if (startable >= enough)
                break;
        }

        return startable;
    }

    /// <summary>When the next retry is due, or the time of the next batch is up, that is not yet.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The earliest such time behind <paramref name="now"/>; null when there is none.</returns>
    public DateTimeOffset? NextDue(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        if (Status != OrchestrationStatus.Running)
            return next;
        foreach (var number in Active)
        {
            Consider(After(Batches[number].Retries, now));
            Consider(After(Batches[number].Lines, now));
            if (Batches[number].Deadline is { } deadline && deadline > now)
                Consider(deadline);
        }

        return next;

        void Consider(DateTimeOffset? due)
        {
            if (due is not null && (next is null || due < next))
                next = due;
        }
    }

    /// <summary>The state with a batch in place of the one with its number.</summary>
    internal OrchestrationState With(BatchState batch) => this with { Batches = Batches.SetItem(batch.Number, batch) };

    /// <summary>The state with a changed batch.</summary>
    internal OrchestrationState OnBatch(int number, Func<BatchState, BatchState> change) => With(change(Batches[number]));

    // The set is ordered by due time: the first entry behind now is found by its place.
    private static DateTimeOffset? After(ImmutableSortedSet<(DateTimeOffset Due, int Index)> waiting, DateTimeOffset now)
    {
        var place = waiting.IndexOf((now, int.MaxValue));
        if (place < 0)
            place = ~place;
        return place < waiting.Count ? waiting[place].Due : null;
    }
}
