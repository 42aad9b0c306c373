using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Admission;

/// <summary>Whether one orchestration may run.</summary>
/// <param name="id">The orchestration.</param>
/// <param name="owner">Its actor.</param>
/// <param name="admission">Who decides; nobody when any number may run.</param>
internal sealed class AdmissionTicket(OrchestrationId id, IActorRef owner, IActorRef admission)
{
    private bool _isIn = admission.IsNobody();
    private long _turn;

    /// <summary>Whether there is a bound at all.</summary>
    public bool IsBounded { get; } = !admission.IsNobody();

    /// <summary>Whether it may run.</summary>
    public bool IsIn => _isIn;

    /// <summary>Whether it stands in line.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>It has something to run.</summary>
    public void Want()
    {
        if (_isIn || IsWaiting)
            return;
        IsWaiting = true;
        admission.Tell(new AdmissionProtocol.Want(id, ++_turn), owner);
    }

    /// <summary>It may run now, unless it has left the line meanwhile.</summary>
    /// <param name="turn">The wish that is granted.</param>
    public void Admitted(long turn)
    {
        if (IsWaiting && turn == _turn)
            (_isIn, IsWaiting) = (true, false);
    }

    /// <summary>It has nothing more to run.</summary>
    public void Leave()
    {
        if (!IsBounded || (!_isIn && !IsWaiting))
            return;
        (_isIn, IsWaiting) = (false, false);
        admission.Tell(AdmissionProtocol.Leave.Instance, owner);
    }
}
