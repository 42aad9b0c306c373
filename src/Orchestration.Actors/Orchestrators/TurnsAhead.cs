using System.Collections.Immutable;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// The turns that an orchestrator asks for before it can use them: of re-runs that wait for nothing but re-runs for which it has the turn. Not stored: after a crash it asks anew.
/// </summary>
internal sealed class TurnsAhead
{
    private const int Most = 64;

    private readonly Dictionary<Place, Turn> _turns = [];

    private enum Turn
    {
        Asked,
        Granted,
        Missing,
        There,
    }

    public bool IsEmpty => _turns.Count == 0;

    /// <summary>Whether a turn was asked for and not given yet.</summary>
    public bool IsAsked(Place place) => _turns.GetValueOrDefault(place, Turn.There) == Turn.Asked;

    /// <summary>The next re-runs whose turns are worth asking for, each behind what it waits for; from now on they count as asked for.</summary>
    public ImmutableArray<Place> Ask(OrchestrationState state)
    {
        // Where many run at once, asking before each does not hold them up.
        if (_turns.Count > Most / 2 || state.Reruns.Count is 0 or > Most || state.Dependents.IsEmpty)
            return [];
        var held = state.Reruns.Where(p => At(state, p).Phase != ActionPhase.Claiming).Concat(_turns.Where(t => t.Value != Turn.Asked).Select(t => t.Key)).ToHashSet();
        var asked = ImmutableArray.CreateBuilder<Place>();
        var queue = new Queue<Place>(held);
        while (_turns.Count < Most && queue.TryDequeue(out var place))
        {
            // Whether one who writes on what others write has written is known only when those before it have.
            foreach (var next in state.Dependents.GetValueOrDefault(place, []))
            {
                if (_turns.Count == Most || _turns.ContainsKey(next) || At(state, next) is not { Phase: ActionPhase.Blocked, Spec.Job: { Objects.IsEmpty: false, Onto.IsEmpty: true } } action || !action.After.All(held.Contains))
                    continue;
                _turns.Add(next, Turn.Asked);
                held.Add(next);
                queue.Enqueue(next);
                asked.Add(next);
            }
        }

        return asked.ToImmutable();
    }

    /// <summary>A turn was given.</summary>
    /// <returns>Whether it was one of these, and its objects have not been looked for since.</returns>
    public bool Take(Place place)
    {
        if (!IsAsked(place))
            return false;
        _turns[place] = Turn.Granted;
        return true;
    }

    /// <summary>Whose objects were found, since the turn was given, and whose were not.</summary>
    public void Know(ImmutableArray<Place> there, ImmutableArray<Place> missing)
    {
        foreach (var place in there.Where(_turns.ContainsKey))
            _turns[place] = Turn.There;
        foreach (var place in missing.Where(_turns.ContainsKey))
            _turns[place] = Turn.Missing;
    }

    /// <summary>Those that nothing keeps from starting any more and whose objects were found, or were not.</summary>
    public ImmutableArray<Place> Claiming(OrchestrationState state, bool there) =>
        [.. _turns.Where(t => t.Value == (there ? Turn.There : Turn.Missing) && At(state, t.Key).Phase == ActionPhase.Claiming).Select(t => t.Key)];

    /// <summary>A re-run could start: its turn no longer is ahead of time.</summary>
    /// <returns>Whether the turn was given, so that it need not be asked for.</returns>
    public bool Use(Place place) => _turns.Remove(place, out var turn) && turn != Turn.Asked;

    /// <summary>Lets go of those that will not run.</summary>
    /// <param name="state">The state.</param>
    /// <param name="dropAll">Whether none that still waits is kept.</param>
    /// <returns>What was let go.</returns>
    public ImmutableArray<Place> Leave(OrchestrationState state, bool dropAll)
    {
        ImmutableArray<Place> left = [.. _turns.Keys.Where(p => !state.Reruns.Contains(p) && (dropAll || At(state, p).Phase != ActionPhase.Blocked))];
        foreach (var place in left)
            _turns.Remove(place);
        return left;
    }

    private static ActionState At(OrchestrationState state, Place place) => state.Batches[place.Batch].Actions[place.Index];
}
