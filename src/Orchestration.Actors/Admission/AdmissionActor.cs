using Akka.Actor;
using Orchestration.Actors.Client;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Admission;

/// <summary>Bounds how many orchestrations of this node run at once; those that wait are admitted in the order in which they came. One that stops gives its place back by that.</summary>
/// <param name="most">How many run at once; null for any number.</param>
internal sealed class AdmissionActor(int? most) : UntypedActor
{
    private readonly Dictionary<IActorRef, OrchestrationId> _running = [];
    private readonly LinkedList<IActorRef> _line = [];
    private readonly Dictionary<IActorRef, (AdmissionProtocol.Want Want, LinkedListNode<IActorRef> Place)> _waiting = [];

    public static Props Props(int? most) => Akka.Actor.Props.Create(() => new AdmissionActor(most));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case AdmissionProtocol.Want want:
                if (_running.ContainsKey(Sender))
                    Sender.Tell(new AdmissionProtocol.Admitted(want.Turn));
                else if (!_waiting.ContainsKey(Sender))
                    _waiting.Add(Context.Watch(Sender), (want, _line.AddLast(Sender)));
                break;
            case AdmissionProtocol.Leave:
                Forget(Context.Unwatch(Sender));
                break;
            case Terminated terminated:
                Forget(terminated.ActorRef);
                break;
            case AdmissionProtocol.GetView:
                Sender.Tell(new AdmissionView(most, [.. _running.Values.Order()], [.. _line.Select(actor => _waiting[actor].Want.Id)]));
                break;
            default:
                Unhandled(message);
                break;
        }

        Admit();
    }

    private void Admit()
    {
        while (!(_running.Count >= most) && _line.First is { Value: var next })
        {
            _line.RemoveFirst();
            _waiting.Remove(next, out var waited);
            _running.Add(next, waited.Want.Id);
            next.Tell(new AdmissionProtocol.Admitted(waited.Want.Turn));
        }
    }

    private void Forget(IActorRef actor)
    {
        _running.Remove(actor);
        if (_waiting.Remove(actor, out var waited))
            _line.Remove(waited.Place);
    }
}
