using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Decisions about lost objects: what runs again, who waits for it, and who has waited in vain.</summary>
internal static class RecoveryDecisions
{
    /// <summary>Keys of batches of re-runs begin so.</summary>
    internal const string KeyPrefix = "recovery#";

    internal static Decision Decide(OrchestrationState state, StartRecovery command)
    {
        ImmutableArray<Place> readers = state.Status == OrchestrationStatus.Running ? [.. command.Readers.Where(r => IsUnplanned(state, r))] : [];
        if (readers.IsEmpty)
            return Decision.Nothing;
        var endings = new Endings(state);
        var jobs = new Jobs(state, command);
        var planned = new List<(Place Reader, ImmutableArray<int> Jobs)>();
        foreach (var reader in readers)
        {
            var keys = ActionAt(state, reader).Lost;
            var dead = keys.Select(k => (Key: k, Dead: jobs.DeadOf(k))).FirstOrDefault(d => d.Dead is not null);
            if (dead.Dead is { } why)
                Lose(state, reader, Explain(why, LabelOf(state, reader), dead.Key), command.Time, endings);
            else
                planned.Add((reader, [.. keys.Select(k => command.Plan.Keys[k].Job).OfType<int>().Distinct()]));
        }

        var places = jobs.Add(planned, endings, Options(state, planned.Select(p => p.Reader)));
        foreach (var (reader, needs) in planned)
            endings.Add(new InputsPlanned(command.Time, reader.Batch, reader.Index, [.. needs.Select(j => places[j]).Distinct().Order()]));
        return endings.ToDecision();
    }

    internal static Decision Decide(OrchestrationState state, RunReadersAgain command)
    {
        ImmutableArray<ObjectKey> changed = [.. command.Objects.Where(state.Changed.Contains)];
        if (state.Status != OrchestrationStatus.Running || changed.IsEmpty)
            return Decision.Nothing;
        var endings = new Endings(state);
        var live = LiveJobs(state);
        ImmutableArray<LineageAction> readers = [.. command.Readers.Where(r => !live.ContainsKey(r.Id)).Take(Math.Max(0, command.Policy.Jobs - state.Jobs))];
        if (!readers.IsEmpty)
            Seal(state, [.. readers.Select(r => r.Spec with { Job = new RecoveryJob(r.Id, [], []) })], command.Time, BatchOptions.Default, endings);
        endings.Add(new ChangePlanned(command.Time, changed));
        return endings.ToDecision();
    }

    /// <summary>A re-run that made something else than was lost: what follows by the policy.</summary>
    internal static void AfterSuccess(OrchestrationState state, AttemptSucceeded succeeded, RecoveryPolicy? policy, Endings endings)
    {
        if (policy is null or { OnChange: OnChange.Accept } || !state.Batches[succeeded.Batch].Recovery)
            return;
        ImmutableArray<ObjectKey> changed =
        [
            .. succeeded.Objects.Writes
                .Where(w => state.Written.All.TryGetValue(w.Object, out var old) && (old.ETag is { } a && w.ETag is { } b ? a != b : old.Size != w.Size))
                .Select(w => w.Object).Distinct(),
        ];
        if (changed.IsEmpty)
            return;
        if (policy.OnChange == OnChange.Invalidate)
        {
            endings.Add(new ObjectsChanged(succeeded.Time, changed));
            return;
        }

        var failure = new Failure(
            RecoveryCodes.ContentChanged,
            $"{changed[0]} came out different when {LabelOf(state, new Place(succeeded.Batch, succeeded.Index))} made it again; orchestration.lineage.on-change = accept takes the new content.");
        AfterFailure(state, new Place(succeeded.Batch, succeeded.Index), failure, succeeded.Time, endings);
    }

    /// <summary>An action has failed for good: so has everything that waits for it.</summary>
    internal static void AfterFailure(OrchestrationState state, Place place, Failure failure, DateTimeOffset time, Endings endings)
    {
        if (!state.Dependents.ContainsKey(place))
            return;
        var known = failure.Code is RecoveryCodes.ContentChanged or RecoveryCodes.NoProducer or RecoveryCodes.Cycle or RecoveryCodes.Depth or RecoveryCodes.Chases or RecoveryCodes.Budget;
        var objects = ActionAt(state, place).Spec?.Job?.Objects ?? [];
        var path = $"{(objects.IsEmpty ? "" : $"{objects[0]} ← ")}{LabelOf(state, place)}";
        var lost = new HashSet<Place>();
        var queue = new Queue<(Place Place, string Path)>([(place, path)]);
        while (queue.TryDequeue(out var next))
        {
            foreach (var dependent in state.Dependents.GetValueOrDefault(next.Place, []))
            {
                if (!lost.Add(dependent))
                    continue;
                var longer = $"{next.Path} ← {LabelOf(state, dependent)}";
                endings.Done(
                    new InputsLost(time, dependent.Batch, dependent.Index, new Failure(known ? failure.Code : RecoveryCodes.ProducerFailed, $"{longer}: {failure.Message}", failure.Raw)),
                    dependent.Batch);
                queue.Enqueue((dependent, longer));
            }
        }
    }

    internal static bool IsUnplanned(OrchestrationState state, Place place) => ActionAt(state, place) is { Phase: ActionPhase.Blocked, After.IsEmpty: true };

    private static void Lose(OrchestrationState state, Place reader, Failure failure, DateTimeOffset time, Endings endings)
    {
        endings.Done(new InputsLost(time, reader.Batch, reader.Index, failure), reader.Batch);
        AfterFailure(state, reader, failure, time, endings);
    }

    private static Failure Explain(Dead dead, string reader, ObjectKey key)
    {
        var path = $"{dead.Path} ← {reader}";
        var raw = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("code", dead.Code);
            writer.WriteString("message", $"{path}: {dead.Remedy}");
            writer.WriteStartObject("meta");
            writer.WriteString("key", key.Value);
            writer.WriteString("path", path);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        return new Failure(dead.Code, $"{path}: {dead.Remedy}", raw);
    }

    private static string LabelOf(OrchestrationState state, Place place)
    {
        var batch = state.Batches[place.Batch];
        var name = batch.Actions[place.Index].Spec?.Name ?? batch.Key!;
        return batch.Actions.Count > 1 && !batch.Recovery ? $"{name}[{place.Index}]" : name;
    }

    private static BatchOptions Options(OrchestrationState state, IEnumerable<Place> readers)
    {
        var bounds = readers.Select(r => state.Batches[r.Batch].Options.Parallelism).ToList();
        return BatchOptions.Default with { Parallelism = bounds.Count == 0 || bounds.Contains(null) ? null : bounds.Max() };
    }

    private static int Seal(OrchestrationState state, ImmutableArray<ActionSpec> specs, DateTimeOffset time, BatchOptions options, Endings endings)
    {
        var number = state.Batches.Count;
        BatchDecisions.AddChunks(number, specs, ActionId.Parse(ObjectIdText.Compose(time, 0, 0)), time, endings.Add);
        var nth = 1 + state.Batches.Count(b => b.Recovery);
        endings.Add(new BatchSealed(time, number, $"{KeyPrefix}{nth}", "", specs.Length, options) { Recovery = true });
        return number;
    }

    private static Dictionary<ActionId, Place> LiveJobs(OrchestrationState state)
    {
        var live = new Dictionary<ActionId, Place>();
        foreach (var number in state.Active)
        {
            if (!state.Batches[number].Recovery)
                continue;
            var index = 0;
            foreach (var action in state.Batches[number].Actions)
            {
                if (!action.Done)
                    live[action.Id] = new Place(number, index);
                index++;
            }
        }

        return live;
    }

    private static ActionState ActionAt(OrchestrationState state, Place place) => state.Batches[place.Batch].Actions[place.Index];

    /// <summary>The jobs of a plan as this orchestration can run them: those that run already are shared, and bounds may stop some.</summary>
    private sealed class Jobs
    {
        private readonly OrchestrationState _state;
        private readonly StartRecovery _command;
        private readonly Dictionary<ActionId, Place> _live;
        private readonly Dead?[] _dead;

        public Jobs(OrchestrationState state, StartRecovery command)
        {
            (_state, _command, _live) = (state, command, LiveJobs(state));
            var plan = command.Plan.Jobs;
            _dead = new Dead?[plan.Length];
            var room = command.Policy.Jobs - state.Jobs;
            for (var i = 0; i < plan.Length; i++)
                _dead[i] = Stopped(plan[i], ref room);
        }

        public Dead? DeadOf(ObjectKey key) => _command.Plan.Keys[key] switch
        {
            { Dead: { } dead } => dead,
            { Job: { } job } => _dead[job],
            _ => Spent(key) is { } spent ? spent : null,
        };

        /// <summary>Adds what the readers need, each job once.</summary>
        /// <returns>Where each job of the plan that is needed stands.</returns>
        public Dictionary<int, Place> Add(IEnumerable<(Place Reader, ImmutableArray<int> Jobs)> planned, Endings endings, BatchOptions options)
        {
            var plan = _command.Plan.Jobs;
            var needed = new SortedSet<int>();
            var stack = new Stack<int>(planned.SelectMany(p => p.Jobs));
            while (stack.TryPop(out var job))
            {
                // What runs already has its own ancestors.
                if (needed.Add(job) && !_live.ContainsKey(plan[job].Action.Id))
                    foreach (var before in plan[job].After)
                        stack.Push(before);
            }

            var places = new Dictionary<int, Place>();
            var specs = ImmutableArray.CreateBuilder<ActionSpec>();
            var number = _state.Batches.Count;
            foreach (var job in needed)
            {
                var (action, after, objects) = plan[job];
                if (_live.TryGetValue(action.Id, out var place))
                {
                    places.Add(job, place);
                    continue;
                }

                places.Add(job, new Place(number, specs.Count));
                specs.Add(action.Spec with { Job = new RecoveryJob(action.Id, [.. after.Select(a => places[a]).Order()], objects) });
            }

            if (specs.Count > 0)
                Seal(_state, specs.ToImmutable(), _command.Time, options, endings);
            return places;
        }

        private Dead? Stopped(PlannedJob job, ref int room)
        {
            foreach (var before in job.After)
                if (_dead[before] is { } dead)
                    return dead with { Path = $"{dead.Path} ← {job.Action.Label}" };
            if (_live.ContainsKey(job.Action.Id))
                return null;
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
}
