using Akka.Actor;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Unfinished orchestrations that have left memory, and who waits for their ends meanwhile: waiting does not keep one in memory, nor bring it back.</summary>
internal sealed class Sleepers
{
    private readonly Dictionary<OrchestrationId, Dictionary<IActorRef, object>> _asleep = [];
    private readonly Dictionary<IActorRef, OrchestrationId> _waiting = [];

    /// <summary>One leaves memory.</summary>
    public void Add(OrchestrationId id) => _asleep.TryAdd(id, []);

    /// <summary>Somebody waits for the end of one.</summary>
    /// <returns>Whether it sleeps.</returns>
    public bool Wait(OrchestrationId id, object message, IActorRef waiter)
    {
        if (!_asleep.TryGetValue(id, out var waiting))
            return false;
        waiting[waiter] = message;
        _waiting[waiter] = id;
        return true;
    }

    /// <summary>One comes back.</summary>
    /// <returns>Who waits for its end, with what they asked; null when it did not sleep.</returns>
    public IReadOnlyList<(object Message, IActorRef Sender)>? Wake(OrchestrationId id)
    {
        if (!_asleep.Remove(id, out var waiting))
            return null;
        foreach (var waiter in waiting.Keys)
            _waiting.Remove(waiter);
        return [.. waiting.Select(w => (w.Value, w.Key))];
    }

    /// <summary>Somebody no longer waits.</summary>
    public void Forget(IActorRef waiter)
    {
        if (_waiting.Remove(waiter, out var id))
            _asleep[id].Remove(waiter);
    }
}
