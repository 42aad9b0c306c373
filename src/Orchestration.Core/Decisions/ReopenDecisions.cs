using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Decisions about going on with an orchestration that has ended.</summary>
internal static class ReopenDecisions
{
    internal static Decision Decide(OrchestrationState state, RetryFailed command)
    {
        if (state.Status == OrchestrationStatus.None)
            return Decider.NotRunning(state);
        if (!state.Ended)
            return Decision.Refuse("RUNNING", $"The orchestration {state.Started!.Id} has not ended; its actions are retried as their policies say. Retry what failed when it has ended, or cancel it first.");
        if (Decider.OtherPlatform(state, command.Platform) is { } elsewhere)
            return elsewhere;
        if (command.Step is { } step && !state.Keys.ContainsKey(step))
            return Decision.Refuse("NO_STEP", $"The orchestration {state.Started!.Id} has no step '{step}' with actions; it has {Names(state.Keys.Keys)}.");

        var facts = ImmutableArray.CreateBuilder<Fact>();
        facts.Add(new OrchestrationReopened(command.Time));
        if (state.Owner != command.Owner)
            facts.Add(new Resumed(command.Time, command.Owner, state.Epoch + 1));
        var chosen = false;
        foreach (var batch in state.Batches)
        {
            var isChosen = !batch.Recovery && (command.Step is null || command.Step == batch.Key);
            var ranges = IndexRanges.Where(batch.Actions, a => a.Phase == ActionPhase.Failed && (a.Cut || isChosen));
            if (ranges.IsEmpty)
                continue;
            chosen |= isChosen;
            // Checkpoints of older versions do not hold what failed actions are called with.
            if (ranges.Any(r => Enumerable.Range(r.First, r.Count).Any(i => batch.Actions[i].Spec is null)))
                return Decision.Refuse("NOT_KEPT", $"The orchestration {state.Started!.Id} was run by an older version, which did not keep what failed actions of '{batch.Key}' were called with; start a new run.");
            facts.Add(new ActionsReopened(command.Time, batch.Number, ranges));
        }

        if (chosen || (command.Step is null && state.Status != OrchestrationStatus.Completed))
            return new Decision(facts.ToImmutable(), null);
        var failed = Names(state.Batches.Where(b => b.Failed > 0 && !b.Recovery).Select(b => b.Key!));
        return Decision.Refuse(
            "NOTHING_TO_RETRY",
            $"No action of {(command.Step is null ? $"the orchestration {state.Started!.Id}" : $"the step '{command.Step}'")} has failed{(failed.Length == 0 ? "" : $"; actions of {failed} have")}.");
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Select(n => $"'{n}'"));
}
