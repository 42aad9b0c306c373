using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Namespaces;

/// <summary>
/// Gives out the slots of one OpenWhisk namespace on this node, so that all orchestrations together stay within its limit of activations in flight,
/// fairly: free slots go round-robin to those who wait. A holder that stops gives its slots back by that.
/// </summary>
internal sealed class NamespaceActor : UntypedActor
{
    private SlotLedger<IActorRef> _ledger;

    public NamespaceActor(int capacity, int maxWaiting) => _ledger = new SlotLedger<IActorRef> { Capacity = capacity, MaxWaiting = maxWaiting };

    public static Props Props(int capacity, int maxWaiting) => Akka.Actor.Props.Create(() => new NamespaceActor(capacity, maxWaiting));

    protected override void OnReceive(object message)
    {
        var waiting = _ledger.Waiting;
        switch (message)
        {
            case SlotProtocol.Want want:
                Context.Watch(Sender);
                (_ledger, var taken) = _ledger.Want(Sender, want.Count);
                if (!taken)
                    Sender.Tell(SlotProtocol.Busy.Instance);
                break;
            case SlotProtocol.Release release:
                _ledger = _ledger.Release(Sender, release.Count);
                break;
            case SlotProtocol.Occupy occupy:
                Context.Watch(Sender);
                _ledger = _ledger.Occupy(Sender, occupy.Count);
                break;
            case Terminated terminated:
                _ledger = _ledger.Forget(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                return;
        }

        (_ledger, var granted) = _ledger.Grant();
        foreach (var (holder, count) in granted)
            holder.Tell(new SlotProtocol.Granted(count, _ledger.ContendedFor(holder)));

        // With the first to wait it is contended for all others, with the second for the first as well.
        if (_ledger.Waiting > waiting && waiting < 2)
            foreach (var holder in _ledger.Holders.Where(_ledger.ContendedFor))
                holder.Tell(SlotProtocol.Contended.Instance);
    }
}
