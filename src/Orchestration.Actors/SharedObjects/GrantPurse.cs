using System.Collections.Immutable;
using Akka.Actor;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;

namespace Orchestration.Actors.SharedObjects;

/// <summary>
/// The grants that one orchestrator waits for and holds. It is not stored: after a crash the orchestrator asks again for what its state says it needs,
/// and mailboxes answer the same.
/// </summary>
internal sealed class GrantPurse(OrchestrationId id, IActorRef owner, IActorRef objects)
{
    private readonly Dictionary<Place, Asked> _asked = [];
    private readonly Dictionary<int, Line> _lines = [];
    private readonly Dictionary<Place, (AttemptRef Attempt, ImmutableArray<FencingNumber> Grants)> _held = [];

    /// <summary>The actions that may start.</summary>
    public GrantedWrites Granted { get; private set; } = GrantedWrites.None;

    /// <summary>Whether any action waits for a grant.</summary>
    public bool IsWaiting => _asked.Count > 0;

    /// <summary>Whether a mailbox has not answered yet.</summary>
    public bool HasUnanswered => _lines.Values.Any(l => l.Unanswered > 0);

    /// <summary>Takes over what attempts hold that were under way before this orchestrator was here.</summary>
    public void Recover(OrchestrationState state)
    {
        foreach (var (attempt, grants) in WriteHolds.Held(state))
            _held[new Place(attempt.Batch, attempt.Index)] = (attempt, grants);
    }

    /// <summary>An attempt has started with its grants, or has ended: then mailboxes are told how.</summary>
    /// <param name="fact">A stored fact.</param>
    /// <param name="state">The state after it.</param>
    public void Follow(Fact fact, OrchestrationState state)
    {
        switch (fact)
        {
            case AttemptStarted { Fencing.IsEmpty: false } f:
                var place = new Place(f.Batch, f.Index);
                Forget(place);
                _held[place] = (new AttemptRef(f.Batch, f.Index, f.Attempt), f.Fencing);
                break;
            case AttemptSucceeded f:
                End(new Place(f.Batch, f.Index), state);
                break;
            case AttemptFailed f:
                End(new Place(f.Batch, f.Index), state);
                break;
        }
    }

    /// <summary>Leaves the lines of actions that do not wait any more, and asks for those that have begun to.</summary>
    /// <param name="state">The state as stored.</param>
    /// <param name="now">The time.</param>
    public void Settle(OrchestrationState state, DateTimeOffset now)
    {
        foreach (var (number, line) in _lines)
            if (state.Ended || line.Count > state.Batches[number].Lines.Count)
                foreach (var place in _asked.Keys.Where(p => p.Batch == number && !Wants(state, p)).ToList())
                    Drop(place);
        if (state.Status != OrchestrationStatus.Running)
            return;
        foreach (var number in state.Active)
        {
            var batch = state.Batches[number];
            if (batch.Lines.IsEmpty || batch.Stops(now))
                continue;
            var line = _lines.GetValueOrDefault(number);
            if (line is not null && line.Count == batch.Lines.Count)
                continue;

            // Who stands in line takes no room of the batch. Who was granted something does: more grants than can be used would only hold others up.
            var room = batch.Room - (line is null ? 0 : line.Unanswered + Granted.Count(number));
            foreach (var (due, index) in batch.Lines)
            {
                if (room <= 0 || due > now)
                    break;
                if (_asked.ContainsKey(new Place(number, index)))
                    continue;
                Ask(state, new Place(number, index));
                room--;
            }
        }
    }

    /// <summary>A mailbox granted an object.</summary>
    /// <returns>Whether the attempt that it was for wants it.</returns>
    public bool Take(WriteProtocol.Granted granted, OrchestrationState state, DateTimeOffset now)
    {
        var place = new Place(granted.Attempt.Batch, granted.Attempt.Index);
        if (!_asked.TryGetValue(place, out var asked) || asked.Wish.Attempt != granted.Attempt)
        {
            if (WriteHolds.Of(state, granted.Attempt, granted.Grant.Object).Kind != HoldKind.Waiting)
                return false;
            // The one before this orchestrator had asked for it.
            Ask(state, place);
            return true;
        }

        var wish = asked.Wish.With(granted.Grant, now);
        if (ReferenceEquals(wish, asked.Wish))
            return asked.Wish.Granted.Contains(granted.Grant) || asked.Wish.Objects.Contains(granted.Grant.Object);
        asked.Wish = wish;
        if (wish.Next is not null)
        {
            Unanswered(place, asked, true);
            Send(asked);
            return true;
        }

        Unanswered(place, asked, false);
        Granted = Granted.With(wish);
        return true;
    }

    /// <summary>A mailbox has taken an attempt into its line.</summary>
    public void Take(WriteProtocol.InLine inLine)
    {
        var place = new Place(inLine.Attempt.Batch, inLine.Attempt.Index);
        if (_asked.TryGetValue(place, out var asked) && asked.Wish.Attempt == inLine.Attempt && asked.Wish.Next == inLine.Object)
            Unanswered(place, asked, false);
    }

    /// <summary>Asks again where no answer came.</summary>
    public void AskAgain()
    {
        foreach (var asked in _asked.Values)
            if (asked.Unanswered)
                Send(asked);
    }

    private static bool Wants(OrchestrationState state, Place place) =>
        !state.Ended && ActionAt(state, place).Phase == ActionPhase.Waiting;

    private static ActionState ActionAt(OrchestrationState state, Place place) => state.Batches[place.Batch].Actions[place.Index];

    private void Ask(OrchestrationState state, Place place)
    {
        var action = ActionAt(state, place);
        var wish = WriteWish.For(new AttemptRef(place.Batch, place.Index, action.Attempts + 1), action.Spec!.Writes);
        var asked = new Asked(wish, new WriteRequest(new WriteTicket(id, wish.Attempt), action.Id, action.Spec.Name));
        _asked.Add(place, asked);
        if (!_lines.TryGetValue(place.Batch, out var line))
            _lines.Add(place.Batch, line = new Line());
        line.Count++;
        Unanswered(place, asked, true);
        Send(asked);
    }

    private void Send(Asked asked) => Tell(asked.Wish.Next!.Value, new WriteProtocol.Acquire(asked.Request));

    private void Drop(Place place)
    {
        var asked = _asked[place];
        Forget(place);
        foreach (var grant in asked.Wish.Granted)
            Tell(grant.Object, new WriteProtocol.Holds(asked.Request.Ticket, new Hold(HoldKind.Over)));
        if (asked.Wish.Next is { } next)
            Tell(next, new WriteProtocol.Holds(asked.Request.Ticket, new Hold(HoldKind.Over)));
    }

    private void Forget(Place place)
    {
        if (!_asked.Remove(place, out var asked))
            return;
        Unanswered(place, asked, false);
        Granted = Granted.Without(place);
        _lines[place.Batch].Count--;
    }

    private void End(Place place, OrchestrationState state)
    {
        if (!_held.Remove(place, out var held))
            return;
        foreach (var grant in held.Grants)
            Tell(grant.Object, new WriteProtocol.Holds(new WriteTicket(id, held.Attempt), WriteHolds.Of(state, held.Attempt, grant.Object)));
    }

    private void Unanswered(Place place, Asked asked, bool unanswered)
    {
        if (asked.Unanswered == unanswered)
            return;
        asked.Unanswered = unanswered;
        _lines[place.Batch].Unanswered += unanswered ? 1 : -1;
    }

    private void Tell(ObjectKey key, object message) => objects.Tell(new ObjectMessage(key, message), owner);

    private sealed class Asked(WriteWish wish, WriteRequest request)
    {
        public WriteWish Wish { get; set; } = wish;

        public WriteRequest Request { get; } = request;

        public bool Unanswered { get; set; }
    }

    /// <summary>How many actions of one batch have asked, and how many of these have had no answer.</summary>
    private sealed class Line
    {
        public int Count { get; set; }

        public int Unanswered { get; set; }
    }
}
