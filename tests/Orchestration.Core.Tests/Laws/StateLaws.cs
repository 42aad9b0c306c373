using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Core.Tests.Laws;

/// <summary>What holds of every state: each counter and index equals a recount of the actions.</summary>
internal static class StateLaws
{
    public static void Check(OrchestrationState state, DateTimeOffset now)
    {
        var running = 0;
        var startable = 0;
        foreach (var batch in state.Batches)
        {
            var actions = batch.Actions;
            Assert.Equal(actions.Count(a => a.Phase == ActionPhase.Running), batch.Running);
            Assert.Equal(actions.Count(a => a.Phase == ActionPhase.Succeeded), batch.Succeeded);
            Assert.Equal(actions.Count(a => a.Phase == ActionPhase.Failed), batch.Failed);
            // What was closed without an attempt and reopened waits among the retries; actions that share objects do not start in the order of their places.
            var begun = batch.Recovery || (batch.Sealed && actions.Any(a => a.Spec is { Writes.IsEmpty: false }));
            Assert.InRange(batch.NextFresh, begun ? actions.Count : actions.TakeWhile(a => a.Attempts > 0 || a.Done).Count(), actions.Count);
            Assert.All(actions.Skip(batch.NextFresh), a => Assert.Equal((0, ActionPhase.Waiting), (a.Attempts, a.Phase)));
            var waiting = actions.Select((a, i) => (a, i)).Where(x => x.a.Phase == ActionPhase.Waiting && x.i < batch.NextFresh).ToList();
            Assert.Equal(waiting.Where(x => x.a.Spec!.Writes.IsEmpty).Select(x => (x.a.ReadyAt, x.i)).Order(), batch.Retries.ToList());
            Assert.Equal(waiting.Where(x => !x.a.Spec!.Writes.IsEmpty).Select(x => (x.a.ReadyAt, x.i)).Order(), batch.Lines.ToList());
            Assert.All(actions, a => Assert.True(a.AbandonedActivation is null || a.Phase is not (ActionPhase.Running or ActionPhase.Succeeded)));
            Assert.True(batch.Running <= (batch.Options.Parallelism ?? int.MaxValue));
            Assert.All(actions, a => Assert.Equal(a.Phase == ActionPhase.Succeeded, a.Spec is null));
            Assert.All(actions, a => Assert.True(!a.Cut || a.Phase == ActionPhase.Failed));
            Assert.All(actions, a => Assert.Equal(a.Done, a.DoneAt > 0));
            Assert.All(actions, a => Assert.True(a.ActivationId is null || a.Phase == ActionPhase.Running));
            if (!state.Ended)
                Assert.Equal(batch.Sealed && batch.Succeeded + batch.Failed == actions.Count, batch.Ended);
            if (batch.Sealed && !batch.Recovery)
                Assert.Equal(batch.Number, state.Keys[batch.Key!]);
            Assert.All(actions, a => Assert.True(a.After.IsEmpty || a.Phase == ActionPhase.Blocked));
            Assert.All(actions.Where(a => a.Phase == ActionPhase.Blocked), a => Assert.True(!a.After.IsEmpty || !a.Lost.IsEmpty));
            if (!state.Ended)
                Assert.All(actions.SelectMany(a => a.After), p => Assert.False(state.Batches[p.Batch].Actions[p.Index].Done));
            if (!batch.Sealed || batch.Ended)
                continue;
            running += batch.Running;
            Assert.Equal(batch.Options.Timeout is null, batch.Deadline is null);
            if (batch.Stops(now))
                continue;
            var ready = actions.Select((a, i) => (a, i)).Count(x => x.a.Phase == ActionPhase.Waiting && x.a.Spec!.Writes.IsEmpty && (x.i >= batch.NextFresh || x.a.ReadyAt <= now));
            startable += Math.Min(ready, (batch.Options.Parallelism ?? int.MaxValue) - batch.Running);
        }

        Assert.Equal(state.Batches.Where(b => b.Sealed && !b.Ended).Select(b => b.Number), state.Active.ToList());
        Assert.Equal(state.Batches.Count(b => b.Sealed && !b.Recovery), state.Keys.Count);
        Assert.Equal(state.Batches.Where(b => b.Recovery).Sum(b => b.Actions.Count), state.Jobs);
        var waits = state.Batches.SelectMany(b => b.Actions.SelectMany((a, i) => a.After.Select(p => (Before: p, Reader: new Place(b.Number, i))))).Order().ToList();
        Assert.Equal(waits, state.Dependents.SelectMany(d => d.Value.Select(r => (d.Key, r))).Order().ToList());
        var turns = state.Batches.SelectMany(b => b.Actions.Select((a, i) => (Action: a, Place: new Place(b.Number, i))))
            .Where(x => !state.Ended && x.Action.Spec?.Job is { Objects.IsEmpty: false } && x.Action.Phase is ActionPhase.Claiming or ActionPhase.Waiting or ActionPhase.Running).Select(x => x.Place);
        Assert.Equal(turns, state.Reruns.ToList());
        Assert.Equal(running, state.Running);
        Assert.Equal(state.Status == OrchestrationStatus.Running ? startable : 0, state.Startable(now));
        Assert.Equal(state.Ended, state.EndedAt is not null);
        if (state.Ended)
            Assert.Equal(0, state.Running);
    }
}
