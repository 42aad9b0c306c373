using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// The slots that one orchestrator holds. While nobody else waits, a slot that an activation leaves is used again for the next one without asking;
/// when others wait it goes back, and the namespace deals it out in turn.
/// </summary>
internal sealed class SlotPurse(IActorRef owner, IActorRef @namespace)
{
    private int _held;
    private int _used;
    private int _wanted;
    private int _unstarted;
    private int _gone;
    private int _answered;
    private DateTimeOffset _answeredSentAt;
    private bool _contended;

    /// <summary>Slots that an attempt may start with now.</summary>
    public int Free => _held - _used;

    public void Granted(int count, bool contended)
    {
        _held += count;
        _unstarted += count;
        _wanted = Math.Max(0, _wanted - count);
        _contended = contended;
    }

    public void Contended() => _contended = true;

    /// <summary>The namespace did not take the wish.</summary>
    public void Refused() => _wanted = 0;

    /// <summary>Attempts that were under way before this orchestrator was here.</summary>
    public void Occupy(int count)
    {
        if (count == 0)
            return;
        _held += count;
        _used += count;
        @namespace.Tell(new SlotProtocol.Occupy(count), owner);
    }

    public void Use(int count) => _used += count;

    /// <summary>The platform took an invocation on, or ended one.</summary>
    public void Answered(DateTimeOffset sentAt)
    {
        _answered++;
        if (sentAt > _answeredSentAt)
            _answeredSentAt = sentAt;
    }

    /// <summary>The platform turned an invocation away: its slot goes back at once, and until the namespace has learnt from it no other is used again without asking.</summary>
    public void TurnedAway(Pushback how, DateTimeOffset sentAt)
    {
        _contended = true;
        _held--;
        _used--;
        _gone++;
        @namespace.Tell(new SlotProtocol.TurnedAway(how, sentAt), owner);
    }

    /// <summary>Tells what is sent now, so that the namespace can count it.</summary>
    public void Tell(int started)
    {
        _unstarted = Math.Max(0, _unstarted - started);
        if (started + _answered > 0)
            @namespace.Tell(new SlotProtocol.Used(started, _answered, _answeredSentAt), owner);
        _answered = 0;
    }

    /// <summary>Attempts have ended; their slots may be used again, or go back at once when others wait.</summary>
    public void Leave(int count)
    {
        var gone = Math.Min(count, _gone);
        _gone -= gone;
        count -= gone;
        _used -= count;
        if (_contended)
            GiveBack(Math.Min(count, Free), 0);
    }

    /// <summary>Asks for what is missing, gives back what is too much.</summary>
    /// <param name="startable">How many attempts could start now.</param>
    public void Settle(int startable)
    {
        if (Free > startable)
            GiveBack(Free - startable, Math.Min(Free - startable, _unstarted));
        var wanted = startable - Free;
        if (wanted == _wanted)
            return;
        _wanted = wanted;
        @namespace.Tell(new SlotProtocol.Want(wanted), owner);
    }

    private void GiveBack(int count, int unstarted)
    {
        if (count <= 0)
            return;
        _held -= count;
        _unstarted -= unstarted;
        @namespace.Tell(new SlotProtocol.Release(count, unstarted), owner);
    }
}
