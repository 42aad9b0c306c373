using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Decisions about adding batches.</summary>
internal static class BatchDecisions
{
    /// <summary>Actions of one fact together hold at most about this many bytes, so that a journal row stays near 1 MB.</summary>
    internal const int ChunkBytes = 900_000;

    /// <summary>One action's parameters may hold so many bytes: a fact alone may be larger than a row's 1 MB, but not than the journal's documents.</summary>
    internal const int MaxParameterBytes = 8_000_000;

    internal static Decision Decide(OrchestrationState state, AddBatch command)
    {
        var batch = command.Batch;
        var key = batch.Key!;
        if (state.Status != OrchestrationStatus.Running)
            return command.FromPipeline ? Decision.Nothing : Decider.NotRunning(state);
        if (state.Started!.Pipeline is { IsProgram: false } && !command.FromPipeline)
            return Decision.Refuse("PIPELINE_DRIVEN", $"The orchestration {state.Started.Id} is run by its pipeline; batches cannot be added to it.");
        if (Validate(batch) is { } refusal)
            return refusal;
        var hash = BatchHash.Of(batch);
        if (state.Keys.TryGetValue(key, out var known))
            return state.Batches[known].Hash == hash
                ? Decision.Nothing
                : Decision.Refuse("BATCH_CHANGED", $"The batch '{key}' was submitted before with other content: {Difference(state.Batches[known], batch)}. Take another key, or submit what was submitted then.");
        return new Decision(Facts(state.Batches.Count, command, hash), null);
    }

    // Of an action that has succeeded only its id and result are kept, so of those it is known that they differ and not which.
    private static string Difference(BatchState known, BatchSpec batch)
    {
        if (known.Actions.Count != batch.Actions.Length)
            return $"it had {known.Actions.Count} actions and has {batch.Actions.Length}";
        if (known.Options != batch.Options)
            return $"its options were {Describe(known.Options)} and are {Describe(batch.Options)}";
        for (var i = 0; i < batch.Actions.Length; i++)
        {
            if (known.Actions[i].Spec is not { } spec || spec == batch.Actions[i])
                continue;
            return spec.Name == batch.Actions[i].Name
                ? $"the parameters of its action {i} ('{spec.Name}') differ"
                : $"its action {i} was '{spec.Name}' and is '{batch.Actions[i].Name}'";
        }

        return "the name or the parameters of an action differ that has succeeded already";
    }

    private static string Describe(BatchOptions options) =>
        $"parallelism {(options.Parallelism is { } most ? most.ToString(System.Globalization.CultureInfo.InvariantCulture) : "unbounded")}, {options.Retry.Retries} retries, {(options.Writers == Writers.Single ? "one writer" : "several writers")} per object (or in others that are not listed)";

    internal static Decision Decide(OrchestrationState state, CloseBatches command)
    {
        if (state.Status != OrchestrationStatus.Running)
            return Decision.Nothing;
        var facts = ImmutableArray.CreateBuilder<Fact>();
        foreach (var number in state.Active)
        {
            var batch = state.Batches[number];
            if (!batch.Stops(command.Time))
                continue;
            var waiting = IndexRanges.Where(batch.Actions, a => a.Phase is ActionPhase.Waiting or ActionPhase.Blocked or ActionPhase.Claiming);
            if (waiting.IsEmpty)
                continue;
            facts.Add(new ActionsClosed(command.Time, number, waiting, Reason(batch, command.Time)));
            if (batch.Running == 0)
                facts.Add(new BatchEnded(command.Time, number));
        }

        return facts.Count == 0 ? Decision.Nothing : new Decision(facts.ToImmutable(), null);
    }

    internal static Decision Decide(OrchestrationState state, SkipStep command) =>
        state.Status != OrchestrationStatus.Running || state.Keys.ContainsKey(command.Step) || state.Skipped.Contains(command.Step)
            ? Decision.Nothing
            : Decision.Store(new StepSkipped(command.Time, command.Step, command.Reason));

    internal static Decision Decide(OrchestrationState state, ReportCollected command) =>
        state.Status == OrchestrationStatus.Running && state.Keys.TryGetValue(command.Key, out var number) && state.Batches[number] is { Ended: true, Collected: null }
            ? Decision.Store(new ResultsCollected(command.Time, number, command.Object.Key, command.Object.Size, command.Object.ETag))
            : Decision.Nothing;

    private static Failure Reason(BatchState batch, DateTimeOffset now) => batch.Deadline <= now
        ? new Failure(Failure.StepTimeout, $"Not done within {batch.Options.Timeout}, the step's timeout.")
        : new Failure(Failure.FailFast, "No further attempt: another action of the step has failed, and the step fails fast.");

    private static ImmutableArray<Fact> Facts(int number, AddBatch command, string hash)
    {
        var (time, batch, firstId) = (command.Time, command.Batch, command.FirstId);
        var facts = ImmutableArray.CreateBuilder<Fact>();
        AddChunks(number, batch.Actions, firstId, time, facts.Add);
        facts.Add(new BatchSealed(time, number, batch.Key!, hash, batch.Actions.Length, batch.Options) { Source = batch.Source });
        if (batch.Actions.IsEmpty)
            facts.Add(new BatchEnded(time, number));
        return facts.ToImmutable();
    }

    /// <summary>Adds actions in chunks that each fit a journal row.</summary>
    internal static void AddChunks(int number, ImmutableArray<ActionSpec> actions, ActionId firstId, DateTimeOffset time, Action<Fact> add)
    {
        var chunk = ImmutableArray.CreateBuilder<ActionSpec>();
        var (first, bytes) = (0, 0);
        for (var i = 0; i < actions.Length; i++)
        {
            var size = FactSize.Of(actions[i]);
            if (chunk.Count > 0 && bytes + size > ChunkBytes)
            {
                add(new ActionsAdded(time, number, first, firstId.Plus(first), chunk.DrainToImmutable()));
                (first, bytes) = (i, 0);
            }

            chunk.Add(actions[i]);
            bytes += size;
        }

        if (chunk.Count > 0)
            add(new ActionsAdded(time, number, first, firstId.Plus(first), chunk.DrainToImmutable()));
    }

    private static Decision? Validate(BatchSpec batch)
    {
        if (batch.Key!.StartsWith(RecoveryDecisions.KeyPrefix, StringComparison.Ordinal))
            return Decision.Refuse("BAD_KEY", $"The batch's key is '{batch.Key}'; keys that begin with '{RecoveryDecisions.KeyPrefix}' are the orchestrator's own. Take another.");
        if (batch.Options.Parallelism is < 1)
            return Decision.Refuse("BAD_PARALLELISM", $"parallelism is {batch.Options.Parallelism}; it takes 1 or more.");
        if (batch.Options.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > RetryPolicy.MaxDuration))
            return Decision.Refuse("BAD_TIMEOUT", $"the batch's timeout is {timeout}; it takes a duration above 0 and at most {RetryPolicy.MaxDuration.TotalDays} days.");
        if (Problem(batch.Options.Retry) is { } problem)
            return problem;
        for (var i = 0; i < batch.Actions.Length; i++)
        {
            var action = batch.Actions[i];
            if (string.IsNullOrWhiteSpace(action.Name))
                return Decision.Refuse("BAD_ACTION", $"Action {i} of the batch has no name.");
            if (action.Parameters.Length > MaxParameterBytes)
                return Decision.Refuse("TOO_LARGE", $"The parameters of action {i} ({action.Name}) have {action.Parameters.Length} bytes; at most {MaxParameterBytes} can be stored. Pass large data through the object store.");
            if (ReservedMembers.Problem(action.Parameters) is { } reserved)
                return Decision.Refuse("BAD_PARAMETERS", $"The parameters of action {i} ({action.Name}) {reserved}");
            if (action.Retry is { } retry && Problem(retry) is { } own)
                return own;
        }

        return null;
    }

    private static Decision? Problem(RetryPolicy policy)
    {
        var problems = string.Join(" ", policy.Problems());
        return problems.Length == 0 ? null : Decision.Refuse("BAD_RETRY", problems);
    }
}
