using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.State;
using static Orchestration.Actors.Protocol.OrchestratorReplies;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Who waits for what of one orchestration. Clients ask again every now and then, so that a restart loses none; asking twice is waiting once.</summary>
internal sealed class Waiters
{
    private readonly HashSet<IActorRef> _starts = [];
    private readonly HashSet<IActorRef> _ends = [];
    private readonly Dictionary<string, HashSet<IActorRef>> _batches = [];
    private readonly HashSet<IActorRef> _watchers = [];
    private bool _indexed;

    /// <summary>Whether somebody waits whom only an orchestrator in memory can answer. Who waits for the end waits at the region while it sleeps.</summary>
    public bool Any => _starts.Count > 0 || _batches.Count > 0;

    /// <summary>A start was stored; it is acknowledged once the index knows of it too.</summary>
    public void Started(IActorRef reply, Refusal? refusal)
    {
        if (refusal is not null)
            reply.Tell(new Refused(refusal.Code, refusal.Message));
        else if (_indexed)
            reply.Tell(Done.Instance);
        else
            _starts.Add(reply);
    }

    public void Indexed()
    {
        _indexed = true;
        TellAll(_starts, Done.Instance);
    }

    /// <summary>The index has forgotten the orchestration, or will: it must be told again.</summary>
    public void ForgetIndexed() => _indexed = false;

    public void Batch(IActorRef reply, string key, OrchestrationState state, Refusal? foreign)
    {
        if (state.Keys.TryGetValue(key, out var number) && state.Batches[number].Ended)
            reply.Tell(new OrchestratorReplies.BatchEnded(key));
        else if (foreign is not null)
            reply.Tell(new Refused(foreign.Code, foreign.Message));
        else if (state.Ended)
            reply.Tell(GoneWithoutBatch(state));
        else
            Add(key, reply);
    }

    public void End(IActorRef reply, OrchestrationState state, Refusal? foreign)
    {
        if (state.Ended)
            reply.Tell(Views.End(state));
        else if (foreign is not null)
            reply.Tell(new Refused(foreign.Code, foreign.Message));
        else
            _ends.Add(reply);
    }

    public void Watch(IActorRef watcher, OrchestrationState state)
    {
        if (state.Ended)
            watcher.Tell(PoisonPill.Instance);
        else
            _watchers.Add(watcher);
    }

    public void BatchEnded(string key)
    {
        if (_batches.Remove(key, out var waiting))
            TellAll(waiting, new OrchestratorReplies.BatchEnded(key));
    }

    public void Ended(OrchestrationState state)
    {
        TellAll(_ends, Views.End(state));
        foreach (var waiting in _batches.Values)
            TellAll(waiting, GoneWithoutBatch(state));
        _batches.Clear();

        // A repeated start of an ended orchestration is no longer in the index.
        Indexed();
    }

    public void Publish(OrchestrationId id, StoredCommit row, bool last)
    {
        foreach (var watcher in _watchers)
            watcher.Tell(new Stored(id, row, last));
        if (last)
            _watchers.Clear();
    }

    /// <summary>Somebody no longer waits or watches.</summary>
    /// <returns>Whether it did.</returns>
    public bool Remove(IActorRef waiter)
    {
        var any = _ends.Remove(waiter) | _watchers.Remove(waiter);
        foreach (var (key, waiting) in _batches)
        {
            any |= waiting.Remove(waiter);
            if (waiting.Count == 0)
                _batches.Remove(key);
        }

        return any;
    }

    public void RefuseAll(Refusal refusal)
    {
        var refused = new Refused(refusal.Code, refusal.Message);
        TellAll(_starts, refused);
        TellAll(_ends, refused);
        foreach (var waiting in _batches.Values)
            TellAll(waiting, refused);
        _batches.Clear();
    }

    private static Refused GoneWithoutBatch(OrchestrationState state) =>
        new("NOT_RUNNING", $"The orchestration {state.Started!.Id} is {state.Status.ToString().ToLowerInvariant()}; the batch will not end.");

    private void Add(string key, IActorRef reply)
    {
        if (!_batches.TryGetValue(key, out var waiting))
            _batches.Add(key, waiting = []);
        waiting.Add(reply);
    }

    private static void TellAll(HashSet<IActorRef> waiting, object message)
    {
        foreach (var reply in waiting)
            reply.Tell(message);
        waiting.Clear();
    }
}
