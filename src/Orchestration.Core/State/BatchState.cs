using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;

namespace Orchestration.Core.State;

/// <summary>One batch of actions.</summary>
public sealed record BatchState
{
    /// <summary>Its number in the orchestration, from 0 up.</summary>
    public required int Number { get; init; }

    /// <summary>Its key; null until it is sealed.</summary>
    public string? Key { get; init; }

    /// <summary>Hash of names, parameters and options; null until it is sealed.</summary>
    public string? Hash { get; init; }

    /// <summary>How it runs.</summary>
    public BatchOptions Options { get; init; } = BatchOptions.Default;

    /// <summary>Its actions by index.</summary>
    public ImmutableList<ActionState> Actions { get; init; } = [];

    /// <summary>Whether it is whole and may run.</summary>
    public bool Sealed { get; init; }

    /// <summary>Whether its actions are re-runs that make lost objects again.</summary>
    public bool Recovery { get; init; }

    /// <summary>Whether all its actions are done.</summary>
    public bool Ended { get; init; }

    /// <summary>Actions from this index on have never been started and wait for nothing.</summary>
    public int NextFresh { get; init; }

    /// <summary>Actions that wait for another attempt, by when it is due.</summary>
    public ImmutableSortedSet<(DateTimeOffset Due, int Index)> Retries { get; init; } = [];

    /// <summary>Actions that share objects with other writers and wait for their grants, by when they may ask for them.</summary>
    public ImmutableSortedSet<(DateTimeOffset Due, int Index)> Lines { get; init; } = [];

    /// <summary>When its time is up; null when it has no bound, and until it is sealed.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Where its results were written; null when they were not.</summary>
    public ObjectKey? Collected { get; init; }

    /// <summary>How many attempts are under way.</summary>
    public int Running { get; init; }

    /// <summary>How many actions have succeeded.</summary>
    public int Succeeded { get; init; }

    /// <summary>How many actions have failed for good.</summary>
    public int Failed { get; init; }

    /// <summary>How many more attempts the batch's own bound allows.</summary>
    public int Room => Math.Max(0, (Options.Parallelism ?? int.MaxValue) - Running);

    /// <summary>Lets an action wait until it is due: for a place, or first for the grants of the objects that it shares.</summary>
    /// <param name="index">The action's place.</param>
    /// <param name="due">When it is due.</param>
    /// <returns>The batch with it.</returns>
    internal BatchState Await(int index, DateTimeOffset due) => Actions[index].Spec!.Writes.IsEmpty
        ? this with { Retries = Retries.Add((due, index)) }
        : this with { Lines = Lines.Add((due, index)) };

    /// <summary>An action no longer waits.</summary>
    /// <param name="index">The action's place; its state is still that of waiting.</param>
    /// <returns>The batch without it.</returns>
    internal BatchState Unawait(int index)
    {
        if (Retries.IsEmpty && Lines.IsEmpty)
            return this;
        var entry = (Actions[index].ReadyAt, index);
        return this with { Retries = Retries.Remove(entry), Lines = Lines.Remove(entry) };
    }

    /// <summary>Whether nothing further of it may start: its time is up, or it fails fast and an action has failed for good.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Whether what waits is to be closed.</returns>
    public bool Stops(DateTimeOffset now) => Deadline <= now || (Options.FailFast && Failed > 0);

    /// <summary>How many actions could be started now, were there room.</summary>
    /// <param name="now">The time.</param>
    /// <param name="enough">Counting stops there: who has room for so many need not know of more.</param>
    /// <returns>Fresh actions and retries that are due.</returns>
    public int Ready(DateTimeOffset now, int enough = int.MaxValue)
    {
        if (Stops(now))
            return 0;
        var ready = Actions.Count - NextFresh;
        foreach (var (due, _) in Retries)
        {
            if (due > now || ready >= enough)
                break;
            ready++;
        }

        return ready;
    }
}
