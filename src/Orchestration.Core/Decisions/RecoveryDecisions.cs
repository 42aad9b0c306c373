using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
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
        var told = new HashSet<Place>();
        var lost = jobs.FindLost(readers, reader => (jobs.Awaits(reader).IsEmpty ? Insists(state, reader, jobs.Needs(reader), command.Policy) : null) ?? jobs.CycleOf(reader));
        foreach (var reader in readers)
        {
            if (lost.TryGetValue(reader, out var why))
                Lose(state, reader, why with { Path = $"{why.Path} ← {LabelOf(state, reader)}" }, jobs.Culprit(reader), command.Time, endings, told);
            else
                planned.Add((reader, jobs.Needs(reader)));
        }

        var places = jobs.Place(planned.SelectMany(p => p.Jobs), out var specs);
        if (!specs.IsEmpty)
            Seal(state, specs, command.Time, Options(state, planned.Select(p => p.Reader)) with { Writers = specs.Any(s => !s.Job!.Onto.IsEmpty) ? Writers.Shared : Writers.Single }, endings);
        foreach (var (reader, needs) in planned)
            endings.Add(new InputsPlanned(command.Time, reader.Batch, reader.Index, [.. needs.Select(j => places[j]).Concat(jobs.Awaits(reader)).Distinct().Order()]));
        return endings.ToDecision();
    }

    internal static Decision Decide(OrchestrationState state, GrantReruns command) =>
        new([.. Claiming(state, command.Places).Select(p => new RerunGranted(command.Time, p.Batch, p.Index))], null);

    internal static Decision Decide(OrchestrationState state, ReportMadeElsewhere command)
    {
        var endings = new Endings(state);
        foreach (var place in Claiming(state, command.Places))
            endings.Done(new MadeElsewhere(command.Time, place.Batch, place.Index, command.By), place.Batch);
        return endings.ToDecision();
    }

    private static IEnumerable<Place> Claiming(OrchestrationState state, ImmutableArray<Place> places) => state.Status == OrchestrationStatus.Running
        ? places.Distinct().Where(p => state.Reruns.Contains(p) && ActionAt(state, p).Phase == ActionPhase.Claiming)
        : [];

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
        // What later writers still write on is not what it was, and need not be.
        var partial = ActionAt(state, new Place(succeeded.Batch, succeeded.Index)).Spec!.Job!.Partial;
        var isFolder = state.Started!.Platform.ObjectStore.StartsWith("file:", StringComparison.Ordinal);
        ImmutableArray<ObjectKey> changed =
        [
            .. succeeded.Objects.Writes
                .Where(w => !partial.Contains(w.Object) && state.Written.All.TryGetValue(w.Object, out var old) && Differs(old, w, isFolder))
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
        AfterFailure(state, new Place(succeeded.Batch, succeeded.Index), RecoveryCodes.ContentChanged, failure, succeeded.Time, endings);
    }

    // A folder's version tag holds the time of the write: it differs although the content does not.
    private static bool Differs(WrittenObject old, ObjectAccess made, bool isFolder) =>
        !isFolder && old.ETag is { } before && made.ETag is { } now ? before != now : old.Size != made.Size;

    /// <summary>What those who wait for a re-run are told when it has failed for good.</summary>
    internal static string CodeOf(InvokeReply.Failed failed) => failed switch
    {
        _ when RecoveryCodes.Explains(failed.Failure.Code) => failed.Failure.Code!,
        { Outcome: AttemptOutcome.Rejected, Failure.Code: "404" } => RecoveryCodes.ProducerGone,
        _ => RecoveryCodes.ProducerFailed,
    };

    /// <summary>An action has failed for good: so has everything that waits for it.</summary>
    internal static void AfterFailure(OrchestrationState state, Place place, string code, Failure failure, DateTimeOffset time, Endings endings)
    {
        if (!state.Dependents.ContainsKey(place))
            return;
        var objects = ActionAt(state, place).Spec?.Job?.Objects ?? [];
        ObjectKey? key = objects.IsEmpty ? null : objects[0];
        var path = $"{(key is null ? "" : $"{key} ← ")}{LabelOf(state, place)}";
        Spread(state, place, path, longer => Explain(code, longer, failure.Message, key, failure.Raw), time, endings, []);
    }

    /// <summary>Fails everything that waits for an action, and what waits for that; who waits for several that have failed is told once.</summary>
    private static void Spread(OrchestrationState state, Place place, string path, Func<string, Failure> explain, DateTimeOffset time, Endings endings, HashSet<Place> told)
    {
        var queue = new Queue<(Place Place, string Path)>([(place, path)]);
        while (queue.TryDequeue(out var next))
        {
            foreach (var dependent in state.Dependents.GetValueOrDefault(next.Place, []))
            {
                if (!told.Add(dependent))
                    continue;
                var longer = $"{next.Path} ← {LabelOf(state, dependent)}";
                endings.Done(new InputsLost(time, dependent.Batch, dependent.Index, explain(longer)), dependent.Batch);
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

    private static void Lose(OrchestrationState state, Place reader, Dead why, ObjectKey key, DateTimeOffset time, Endings endings, HashSet<Place> told)
    {
        Failure Told(string path) => Explain(why.Code, path, why.Remedy, key, null);
        endings.Done(new InputsLost(time, reader.Batch, reader.Index, Told(why.Path)), reader.Batch);
        Spread(state, reader, why.Path, Told, time, endings, told);
    }

    private static Failure Explain(string code, string path, string why, ObjectKey? key, JsonBytes? cause)
    {
        var message = $"{path}: {why}";
        var raw = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("code", code);
            writer.WriteString("message", message);
            writer.WriteStartObject("meta");
            writer.WriteString("key", key?.Value);
            writer.WriteString("path", path);
            if (cause is { } error)
                writer.WriteJson("cause", error);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        return new Failure(code, message, raw);
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
