using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Decisions about starting and ending attempts.</summary>
internal static class AttemptDecisions
{
    /// <summary>Fills places from the batches in turn, so that a large batch does not hold up a small one beside it.</summary>
    internal static Decision Decide(OrchestrationState state, StartAttempts command)
    {
        if (state.Status != OrchestrationStatus.Running || command.Places <= 0 || state.Active.IsEmpty)
            return Decision.Nothing;
        var cursors = new List<Cursor>(state.Active.Count);
        foreach (var number in state.Active)
            if (state.Batches[number].Room > 0 && !state.Batches[number].Stops(command.Time))
                cursors.Add(new Cursor(state.Batches[number], command));
        var facts = ImmutableArray.CreateBuilder<Fact>();
        while (cursors.Count > 0 && facts.Count < command.Places)
        {
            for (var i = 0; i < cursors.Count && facts.Count < command.Places;)
            {
                if (cursors[i].Next() is { } index)
                {
                    facts.Add(Started(cursors[i].Batch, index, command));
                    i++;
                }
                else
                {
                    cursors.RemoveAt(i);
                }
            }
        }

        return new Decision(facts.ToImmutable(), null);
    }

    internal static Decision Decide(OrchestrationState state, ReportAccepted command) =>
        Find(state, command.Attempt) is { Phase: ActionPhase.Running, ActivationId: null } action && action.Attempts == command.Attempt.Number && !state.Ended
            ? Decision.Store(new ActivationAccepted(command.Time, command.Attempt.Batch, command.Attempt.Index, command.Attempt.Number, command.ActivationId))
            : Decision.Nothing;

    internal static Decision Decide(OrchestrationState state, ReportCrash command)
    {
        // An attempt whose activation is known is awaited by another actor: there is nothing to close.
        if (Find(state, command.Attempt) is not { Phase: ActionPhase.Running, ActivationId: null })
            return Decision.Nothing;
        var failure = new Failure("CRASHED", $"The actor that ran the attempt failed: {command.Reason}");
        var reply = new InvokeReply.Failed(null, null, AttemptOutcome.Crashed, failure, ObjectReport.None);
        return Decide(state, new ReportEnd(command.Time, command.Attempt, reply, 0));
    }

    internal static Decision Decide(OrchestrationState state, ReportEnd command)
    {
        var (batchNumber, index, number) = command.Attempt;
        if (Find(state, command.Attempt) is not { } action || number > action.Attempts)
            return Decision.Nothing;
        if (action.Phase != ActionPhase.Running || number != action.Attempts || state.Ended)
            return Decision.Store(Late(command));
        var batch = state.Batches[batchNumber];
        var endings = new Endings(state);
        if (command.Reply is InvokeReply.Succeeded s)
        {
            var succeeded = new AttemptSucceeded(command.Time, batchNumber, index, number, s.ActivationId ?? action.ActivationId, s.Timing, s.Result, s.Objects);
            endings.Done(succeeded, batchNumber);
            RecoveryDecisions.AfterSuccess(state, succeeded, command.Recovery, endings);
            return endings.ToDecision();
        }

        var f = (InvokeReply.Failed)command.Reply;
        var policy = action.Spec!.Retry ?? batch.Options.Retry;
        var stopped = batch.Options.FailFast && batch.Failed > 0;
        var lost = command.Recovery is null || batch.Stops(command.Time) ? [] : LostInputs.Of(f);
        var (retryAt, usesRetry) = stopped || !lost.IsEmpty ? (null, false) : RetryRules.Next(policy, action, f.Outcome, f.Failure, command.Time, command.Random, batch.Deadline);
        var failed = new AttemptFailed(command.Time, batchNumber, index, number, f.ActivationId ?? action.ActivationId, f.Timing, f.Outcome, f.Failure, f.Objects, retryAt, usesRetry) { Lost = lost };
        if (!failed.IsFinal)
            return Decision.Store(failed);
        endings.Done(failed, batchNumber);
        RecoveryDecisions.AfterFailure(state, new Place(batchNumber, index), RecoveryDecisions.CodeOf(f), f.Failure, command.Time, endings);
        return endings.ToDecision();
    }

    private static AttemptStarted Started(BatchState batch, int index, StartAttempts command)
    {
        var (action, now) = (batch.Actions[index], command.Time);
        var started = new AttemptStarted(now, batch.Number, index, action.Id, action.Attempts + 1, Positive(now - action.ReadyAt));
        return command.Grants.Of(new Place(batch.Number, index)) is { Since: { } since } wish
            ? started with { Fencing = wish.Granted, WaitedForGrant = Positive(since - action.ReadyAt) }
            : started;
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static LateOutcome Late(ReportEnd command) => command.Reply switch
    {
        InvokeReply.Failed f => new LateOutcome(command.Time, command.Attempt.Batch, command.Attempt.Index, command.Attempt.Number, f.ActivationId, f.Outcome),
        InvokeReply.Succeeded s => new LateOutcome(command.Time, command.Attempt.Batch, command.Attempt.Index, command.Attempt.Number, s.ActivationId, AttemptOutcome.Success),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command.Reply.GetType().Name, "An attempt that goes on has not ended."),
    };

    private static ActionState? Find(OrchestrationState state, AttemptRef attempt) =>
        attempt.Batch >= 0 && attempt.Batch < state.Batches.Count && attempt.Index >= 0 && attempt.Index < state.Batches[attempt.Batch].Actions.Count
            ? state.Batches[attempt.Batch].Actions[attempt.Index]
            : null;

    /// <summary>Walks through what is ready in one batch: retries that are due, those that have their grants, then fresh actions.</summary>
    private sealed class Cursor(BatchState batch, StartAttempts command)
    {
        private readonly Queue<int> _granted = new(command.Grants.In(batch));
        private int _room = batch.Room;
        private int _fresh = batch.NextFresh;
        private int _retry;

        public BatchState Batch { get; } = batch;

        public int? Next()
        {
            if (_room == 0)
                return null;
            if (_retry < Batch.Retries.Count && Batch.Retries[_retry].Due <= command.Time)
            {
                _room--;
                return Batch.Retries[_retry++].Index;
            }

            if (_granted.TryDequeue(out var granted))
            {
                _room--;
                return granted;
            }

            if (_fresh >= Batch.Actions.Count)
                return null;
            _room--;
            return _fresh++;
        }
    }
}
