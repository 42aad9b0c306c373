using System.Collections.Immutable;
using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;

namespace Orchestration.Core.Tests.Laws;

/// <summary>Objects with several writers: some actions declare them, and their mailboxes grant when the tape says so.</summary>
internal sealed partial class Simulation
{
    private long _grants;

    private ImmutableArray<ObjectKey> SharedObjects() => _tape.Chance(40)
        ? []
        : [.. Enumerable.Range(0, 1 + _tape.Next(3)).Select(_ => ObjectKey.Parse($"b/shared{_tape.Next(3)}"))];

    private GrantedWrites Grants(bool always)
    {
        var granted = GrantedWrites.None;
        foreach (var number in _working.Active)
            foreach (var (due, index) in _working.Batches[number].Lines)
                if (due <= _now && (always || _tape.Chance(60)))
                    granted = granted.With(Grant(_working.Batches[number].Actions[index], new Place(number, index)));
        return granted;
    }

    private WriteWish Grant(ActionState action, Place place)
    {
        var wish = WriteWish.For(new AttemptRef(place.Batch, place.Index, action.Attempts + 1), action.Spec!.Writes);
        while (wish.Next is { } next)
            wish = wish.With(new FencingNumber(next, ++_grants), _now);
        return wish;
    }
}
