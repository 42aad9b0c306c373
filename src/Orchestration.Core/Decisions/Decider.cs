using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Every decision of an orchestration: state and command in, facts or a refusal out. Pure.</summary>
public static class Decider
{
    /// <summary>Decides about one command.</summary>
    /// <param name="state">The orchestration as it stands.</param>
    /// <param name="command">What is asked.</param>
    /// <returns>Facts to store, nothing, or a refusal.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The command's type is not known.</exception>
    public static Decision Decide(OrchestrationState state, Command command) => command switch
    {
        Start c => Decide(state, c),
        TakeOver c => Decide(state, c),
        AddBatch c => BatchDecisions.Decide(state, c),
        CloseBatches c => BatchDecisions.Decide(state, c),
        SkipStep c => BatchDecisions.Decide(state, c),
        ReportCollected c => BatchDecisions.Decide(state, c),
        StartAttempts c => AttemptDecisions.Decide(state, c),
        ReportAccepted c => AttemptDecisions.Decide(state, c),
        ReportEnd c => AttemptDecisions.Decide(state, c),
        StartRecovery c => RecoveryDecisions.Decide(state, c),
        GrantReruns c => RecoveryDecisions.Decide(state, c),
        ReportMadeElsewhere c => RecoveryDecisions.Decide(state, c),
        RunReadersAgain c => RecoveryDecisions.Decide(state, c),
        ReportCrash c => AttemptDecisions.Decide(state, c),
        Complete c => Decide(state, c),
        RetryFailed c => ReopenDecisions.Decide(state, c),
        Fail c => Decide(state, c),
        Cancel c => Decide(state, c),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No such command."),
    };

    internal static Decision NotRunning(OrchestrationState state) => state.Status == OrchestrationStatus.None
        ? Decision.Refuse("NOT_STARTED", "The orchestration was not started; start it first.")
        : Decision.Refuse("NOT_RUNNING", $"The orchestration {state.Started!.Id} is {state.Status.ToString().ToLowerInvariant()}; start a new one.");

    private static Decision Decide(OrchestrationState state, Start command)
    {
        if (string.IsNullOrWhiteSpace(command.Name))
            return Decision.Refuse("BAD_NAME", "An orchestration needs a name that is not empty.");
        var started = new OrchestrationStarted(command.Time, command.Id, command.Name, command.Platform, command.Pipeline, command.ClientData);
        if (state.Started is null)
            return Decision.Store(started, new Resumed(command.Time, command.Owner, 1));
        return state.Started with { Time = command.Time } == started
            ? Decision.Nothing
            : Decision.Refuse("ALREADY_STARTED", $"The orchestration {command.Id} was started before as '{state.Started.Name}' with other content; take a new id.");
    }

    private static Decision Decide(OrchestrationState state, TakeOver command)
    {
        if (state.Status != OrchestrationStatus.Running)
            return Decision.Nothing;
        if (OtherPlatform(state, command.Platform) is { } refusal)
            return refusal;
        var facts = ImmutableArray.CreateBuilder<Fact>();
        facts.Add(new Resumed(command.Time, command.Owner, state.Epoch + 1));
        var failure = new Failure("INTERRUPTED", "The orchestrator stopped before it knew the activation's id; whether the action ran is not known.");
        foreach (var (batch, index, action) in RunningAttempts(state))
            if (action.ActivationId is null)
                facts.Add(new AttemptFailed(command.Time, batch, index, action.Attempts, null, null, AttemptOutcome.Interrupted, failure, ObjectReport.None, command.Time, false));
        return new Decision(facts.ToImmutable(), null);
    }

    private static Decision Decide(OrchestrationState state, Complete command)
    {
        if (state.Status == OrchestrationStatus.Completed && !command.FromPipeline)
            return Decision.Nothing;
        if (state.Status != OrchestrationStatus.Running)
            return command.FromPipeline ? Decision.Nothing : NotRunning(state);
        if (command.Abandoned)
            return End(state, new OrchestrationCompleted(command.Time, command.Output), "The orchestration was closed while this attempt ran.");
        if (state.Started!.Pipeline is { IsProgram: false } && !command.FromPipeline)
            return Decision.Refuse("PIPELINE_DRIVEN", $"The orchestration {state.Started.Id} is run by its pipeline and completes by itself; cancel it to end it early.");
        if (!state.Active.IsEmpty)
            return Decision.Refuse("BATCH_RUNNING", $"The batch '{state.Batches[state.Active[0]].Key}' is still running; wait for its results, or cancel the orchestration.");
        return Decision.Store(new OrchestrationCompleted(command.Time, command.Output));
    }

    private static Decision Decide(OrchestrationState state, Cancel command)
    {
        if (state.Ended)
            return Decision.Nothing;
        if (state.Status == OrchestrationStatus.None)
            return NotRunning(state);
        return End(state, new OrchestrationCancelled(command.Time, command.Reason), command.Reason);
    }

    private static Decision Decide(OrchestrationState state, Fail command) => state.Status == OrchestrationStatus.Running
        ? End(state, new OrchestrationFailed(command.Time, command.Failure, command.Step), "The orchestration failed while this attempt ran.")
        : Decision.Nothing;

    /// <summary>Ends the orchestration; attempts under way are closed first, so that each one that was started has an end in the facts.</summary>
    private static Decision End(OrchestrationState state, Fact end, string reason)
    {
        var facts = ImmutableArray.CreateBuilder<Fact>();
        var failure = new Failure("CANCELLED", reason);
        foreach (var (batch, index, action) in RunningAttempts(state))
            facts.Add(new AttemptFailed(end.Time, batch, index, action.Attempts, action.ActivationId, null, AttemptOutcome.Cancelled, failure, ObjectReport.None, null, false));
        facts.Add(end);
        return new Decision(facts.ToImmutable(), null);
    }

    /// <summary>An orchestration goes on where it was started.</summary>
    internal static Decision? OtherPlatform(OrchestrationState state, Platform platform) => state.Started!.Platform == platform
        ? null
        : Decision.Refuse("OTHER_PLATFORM", $"The orchestration {state.Started.Id} was started on {Describe(state.Started.Platform)}, this process runs on {Describe(platform)}; resume it with the settings it was started with.");

    internal static IEnumerable<(int Batch, int Index, ActionState Action)> RunningAttempts(OrchestrationState state)
    {
        foreach (var number in state.Active)
        {
            var batch = state.Batches[number];
            if (batch.Running == 0)
                continue;
            var index = 0;
            foreach (var action in batch.Actions)
            {
                if (action.Phase == ActionPhase.Running)
                    yield return (number, index, action);
                index++;
            }
        }
    }

    private static string Describe(Platform platform) =>
        $"OpenWhisk {platform.ApiHost} (namespace {platform.Namespace}) with {(platform.ObjectStore.Length == 0 ? "no object store" : platform.ObjectStore)}";
}
