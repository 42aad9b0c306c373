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
        var jobs = new RecoveryJobs(state, command);
        var planned = new List<(Place Reader, ImmutableArray<int> Jobs)>();
        var lost = jobs.FindLost(readers, reader => Insists(state, reader, jobs.Needs(reader), command.Policy) ?? jobs.CycleOf(reader));
        foreach (var reader in readers)
        {
            if (lost.TryGetValue(reader, out var why))
                Lose(state, reader, Explain(why, LabelOf(state, reader), jobs.Culprit(reader)), command.Time, endings);
            else
                planned.Add((reader, jobs.Needs(reader)));
        }

        var places = jobs.Place(planned.SelectMany(p => p.Jobs), out var specs);
        if (!specs.IsEmpty)
            Seal(state, specs, command.Time, Options(state, planned.Select(p => p.Reader)), endings);
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
        var live = LiveJobs(state, long.MaxValue);
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

    // Who finds objects missing that are there is not answered for ever: it looks elsewhere than the orchestrator does.
    private static Dead? Insists(OrchestrationState state, Place reader, ImmutableArray<int> needs, RecoveryPolicy policy) =>
        needs.IsEmpty && ActionAt(state, reader) is var action && action.FoundThere >= policy.Chases
            ? new Dead(RecoveryCodes.Chases, action.Lost[0].Value, $"The action finds it missing, and it was there {action.FoundThere} times in a row; let the action use the object store that the orchestrator uses.")
            : null;

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

    internal static string LabelOf(OrchestrationState state, Place place)
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

    /// <summary>The re-runs that are under way, and those that have succeeded since a row: a plan that does not know of them wants them in vain.</summary>
    internal static Dictionary<ActionId, Place> LiveJobs(OrchestrationState state, long since)
    {
        var live = new Dictionary<ActionId, Place>();
        foreach (var batch in state.Batches)
        {
            if (!batch.Recovery)
                continue;
            var index = 0;
            foreach (var action in batch.Actions)
            {
                if (!action.Done || (action.Phase == ActionPhase.Succeeded && action.DoneAt > since))
                    live[action.Id] = new Place(batch.Number, index);
                index++;
            }
        }

        return live;
    }

    internal static ActionState ActionAt(OrchestrationState state, Place place) => state.Batches[place.Batch].Actions[place.Index];
}
