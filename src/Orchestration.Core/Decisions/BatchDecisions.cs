using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
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
        if (state.Started!.Pipeline is not null && !command.FromPipeline)
            return Decision.Refuse("PIPELINE_DRIVEN", $"The orchestration {state.Started.Id} is run by its pipeline; batches cannot be added to it.");
        if (Validate(batch) is { } refusal)
            return refusal;
        var hash = BatchHash.Of(batch);
        if (state.Keys.TryGetValue(key, out var known))
            return state.Batches[known].Hash == hash
                ? Decision.Nothing
                : Decision.Refuse("BATCH_CHANGED", $"The batch '{key}' was submitted before with other actions or options; take another key, or submit what was submitted then.");
        return new Decision(Facts(state.Batches.Count, command, hash), null);
    }

    private static ImmutableArray<Fact> Facts(int number, AddBatch command, string hash)
    {
        var (time, batch, firstId) = (command.Time, command.Batch, command.FirstId);
        var facts = ImmutableArray.CreateBuilder<Fact>();
        var chunk = ImmutableArray.CreateBuilder<ActionSpec>();
        var (first, bytes) = (0, 0);
        for (var i = 0; i < batch.Actions.Length; i++)
        {
            var size = FactSize.Of(batch.Actions[i]);
            if (chunk.Count > 0 && bytes + size > ChunkBytes)
            {
                facts.Add(new ActionsAdded(time, number, first, firstId.Plus(first), chunk.DrainToImmutable()));
                (first, bytes) = (i, 0);
            }

            chunk.Add(batch.Actions[i]);
            bytes += size;
        }

        if (chunk.Count > 0)
            facts.Add(new ActionsAdded(time, number, first, firstId.Plus(first), chunk.DrainToImmutable()));
        facts.Add(new BatchSealed(time, number, batch.Key!, hash, batch.Actions.Length, batch.Options));
        if (batch.Actions.IsEmpty)
            facts.Add(new BatchEnded(time, number));
        return facts.ToImmutable();
    }

    private static Decision? Validate(BatchSpec batch)
    {
        if (batch.Options.Parallelism is < 1)
            return Decision.Refuse("BAD_PARALLELISM", $"parallelism is {batch.Options.Parallelism}; it takes 1 or more.");
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

    private static Decision? Problem(Retries.RetryPolicy policy)
    {
        var problems = string.Join(" ", policy.Problems());
        return problems.Length == 0 ? null : Decision.Refuse("BAD_RETRY", problems);
    }
}
