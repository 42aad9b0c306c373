using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>The jobs of a plan as an orchestration can run them: those that run already are shared, and bounds may stop some.</summary>
internal sealed class RecoveryJobs
{
    private readonly OrchestrationState _state;
    private readonly StartRecovery _command;
    private readonly Dictionary<ActionId, Place> _live;
    private readonly IReadOnlyDictionary<ObjectKey, Place> _halfMade;
    private readonly Dictionary<Place, ImmutableArray<int>> _waiting = [];
    private Dead?[] _dead = [];

    public RecoveryJobs(OrchestrationState state, StartRecovery command)
    {
        (_state, _command, _live, _halfMade) = (state, command, RecoveryDecisions.LiveJobs(state, command.AsOf), HalfMade.Of(state));
        StopJobs(new Dictionary<Place, Dead>());
    }

    private ImmutableArray<PlannedJob> Plan => _command.Plan.Jobs;

    /// <summary>Why an object that a reader lacks cannot be made again; null when it can, or is there.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="key">The object.</param>
    /// <returns>Why.</returns>
    public Dead? DeadOf(Place reader, ObjectKey key) => _command.Plan.Keys[key].Dead ?? (JobOf(reader, key) is { } job ? _dead[job] : null);

    /// <summary>The jobs that make what a reader lacks.</summary>
    public ImmutableArray<int> Needs(Place reader) =>
        [.. RecoveryDecisions.ActionAt(_state, reader).Lost.Select(k => JobOf(reader, k)).OfType<int>().Distinct()];

    /// <summary>The re-runs under way after which objects are whole that a reader found there by halves.</summary>
    public ImmutableArray<Place> Awaits(Place reader) => RecoveryDecisions.ActionAt(_state, reader) is var action
        ? [.. action.Lost.Where(k => _command.Plan.Keys[k].Job is null && action.Spec!.Job?.Onto.Contains(k) != true && _halfMade.ContainsKey(k)).Select(k => _halfMade[k]).Distinct()]
        : [];

    /// <summary>The object for which a reader waits in vain.</summary>
    public ObjectKey Culprit(Place reader)
    {
        var keys = RecoveryDecisions.ActionAt(_state, reader).Lost;
        return keys.FirstOrDefault(k => DeadOf(reader, k) is not null, keys[0]);
    }

    /// <summary>
    /// Finds the readers that wait in vain, and all that waits for them: a reader may itself be a re-run that others of the plan count on,
    /// and what it cannot make, nobody gets.
    /// </summary>
    /// <param name="readers">The readers.</param>
    /// <param name="other">Why a reader waits in vain although what it lacks could be made; null when it does not.</param>
    /// <returns>Why, by place.</returns>
    public IReadOnlyDictionary<Place, Dead> FindLost(ImmutableArray<Place> readers, Func<Place, Dead?> other)
    {
        var lost = new Dictionary<Place, Dead>();
        while (true)
        {
            var before = lost.Count;
            _waiting.Clear();
            foreach (var reader in readers)
            {
                if (lost.ContainsKey(reader))
                    continue;
                if ((RecoveryDecisions.ActionAt(_state, reader).Lost.Select(k => DeadOf(reader, k)).FirstOrDefault(d => d is not null) ?? other(reader)) is { } dead)
                    Spread(reader, dead, lost);
            }

            if (lost.Count == before)
                return lost;
            StopJobs(lost);
        }
    }

    /// <summary>Whether what a reader would wait for waits for the reader.</summary>
    /// <param name="reader">The reader; when it is in no circle, its wait counts for those asked about later.</param>
    /// <returns>The circle; null when there is none.</returns>
    public Dead? CycleOf(Place reader)
    {
        var needs = _waiting[reader] = Needs(reader);
        if (!_state.Batches[reader.Batch].Recovery)
            return null;
        var (jobs, places) = (new HashSet<int>(), new HashSet<Place>());
        var (jobStack, placeStack) = (new Stack<int>(needs), new Stack<Place>(Awaits(reader)));
        while (jobStack.Count + placeStack.Count > 0)
        {
            if (jobStack.TryPop(out var job))
            {
                if (!jobs.Add(job))
                    continue;
                if (_live.TryGetValue(Plan[job].Action.Id, out var live))
                    placeStack.Push(live);
                else
                    foreach (var before in Plan[job].After)
                        jobStack.Push(before);
                continue;
            }

            var place = placeStack.Pop();
            if (place == reader)
            {
                _waiting.Remove(reader);
                return new Dead(RecoveryCodes.Cycle, RecoveryDecisions.ActionAt(_state, reader).Lost[0].Value, "Making it needs itself; put it into the object store again.");
            }

            if (!places.Add(place))
                continue;
            foreach (var before in RecoveryDecisions.ActionAt(_state, place).After)
                placeStack.Push(before);
            foreach (var before in _waiting.GetValueOrDefault(place, []))
                jobStack.Push(before);
        }

        return null;
    }

    /// <summary>Gives each job that is needed its place, and those that do not run yet a new one.</summary>
    /// <param name="wanted">The jobs that readers wait for.</param>
    /// <param name="specs">What a new batch is to run.</param>
    /// <returns>The places by job.</returns>
    public Dictionary<int, Place> Place(IEnumerable<int> wanted, out ImmutableArray<ActionSpec> specs)
    {
        var needed = new SortedSet<int>();
        var stack = new Stack<int>(wanted);
        while (stack.TryPop(out var job))
        {
            // What runs already has its own ancestors.
            if (needed.Add(job) && !_live.ContainsKey(Plan[job].Action.Id))
                foreach (var before in Plan[job].After)
                    stack.Push(before);
        }

        var places = new Dictionary<int, Place>();
        var added = ImmutableArray.CreateBuilder<ActionSpec>();
        foreach (var job in needed)
        {
            var (action, after, objects) = Plan[job];
            if (_live.TryGetValue(action.Id, out var place))
            {
                places.Add(job, place);
                continue;
            }

            places.Add(job, new Place(_state.Batches.Count, added.Count));
            var (onto, partial) = (Plan[job].Onto, Plan[job].Partial);
            added.Add(action.Spec with
            {
                Reads = [.. action.Spec.Reads.Union(onto)],
                Job = new RecoveryJob(action.Id, [.. after.Select(a => places[a]).Order()], objects) { Onto = onto, Partial = partial },
            });
        }

        specs = added.ToImmutable();
        return places;
    }

    // A re-run that writes on what others write, and lacks it, waits for those before it and not for the last, which waits for it.
    private int? JobOf(Place reader, ObjectKey key)
    {
        var action = RecoveryDecisions.ActionAt(_state, reader);
        if (_command.Plan.Keys[key].Job is not { } last || action.Spec!.Job?.Onto.Contains(key) != true)
            return _command.Plan.Keys[key].Job;
        int? before = null;
        for (var job = 0; job <= last && Plan[job].Action.Id != action.Id; job++)
            if (Plan[job].Objects.Contains(key))
                before = job;
        return before;
    }

    private void Spread(Place place, Dead dead, Dictionary<Place, Dead> lost)
    {
        var queue = new Queue<(Place Place, Dead Dead)>([(place, dead)]);
        while (queue.TryDequeue(out var next))
        {
            if (!lost.TryAdd(next.Place, next.Dead))
                continue;
            var longer = next.Dead with { Path = $"{next.Dead.Path} ← {RecoveryDecisions.LabelOf(_state, next.Place)}" };
            foreach (var dependent in _state.Dependents.GetValueOrDefault(next.Place, []))
                queue.Enqueue((dependent, longer));
        }
    }

    private void StopJobs(IReadOnlyDictionary<Place, Dead> lost)
    {
        var room = _command.Policy.Jobs - _state.Jobs;
        _dead = new Dead?[Plan.Length];
        for (var i = 0; i < Plan.Length; i++)
            _dead[i] = Stopped(Plan[i], lost, ref room);
    }

    private Dead? Stopped(PlannedJob job, IReadOnlyDictionary<Place, Dead> lost, ref int room)
    {
        if (_live.TryGetValue(job.Action.Id, out var live))
            return lost.TryGetValue(live, out var why) ? why with { Path = $"{why.Path} ← {job.Action.Label}" } : null;
        foreach (var before in job.After)
            if (_dead[before] is { } dead)
                return dead with { Path = $"{dead.Path} ← {job.Action.Label}" };
        foreach (var key in job.Objects)
            if (Spent(key) is { } spent)
                return spent with { Path = $"{spent.Path} ← {job.Action.Label}" };
        return --room >= 0
            ? null
            : new Dead(RecoveryCodes.Budget, $"{job.Objects[0]} ← {job.Action.Label}", $"This orchestration has used up its {_command.Policy.Jobs} re-runs; raise orchestration.lineage.max-jobs.");
    }

    private Dead? Spent(ObjectKey key) => _state.Chases.GetValueOrDefault(key) is var chases && chases < _command.Policy.Chases
        ? null
        : new Dead(RecoveryCodes.Chases, key.Value, $"It was lost again after it was made again {chases} times; find out what removes it, or raise orchestration.lineage.max-chases.");
}
