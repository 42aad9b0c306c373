using System.Collections.Immutable;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Core.SharedObjects;

/// <summary>The actions of one orchestration that have all grants that they waited for, and have not started.</summary>
public sealed class GrantedWrites
{
    private readonly ImmutableSortedDictionary<Place, WriteWish> _wishes;
    private readonly ImmutableDictionary<int, int> _counts;

    private GrantedWrites(ImmutableSortedDictionary<Place, WriteWish> wishes, ImmutableDictionary<int, int> counts) => (_wishes, _counts) = (wishes, counts);

    /// <summary>None.</summary>
    public static GrantedWrites None { get; } = new(ImmutableSortedDictionary<Place, WriteWish>.Empty, ImmutableDictionary<int, int>.Empty);

    /// <summary>How many there are in a batch.</summary>
    /// <param name="batch">The batch's number.</param>
    /// <returns>The number.</returns>
    public int Count(int batch) => _counts.GetValueOrDefault(batch);

    /// <summary>The grants of an action.</summary>
    /// <param name="place">Where it stands.</param>
    /// <returns>Its wish with all grants; null when it has not got them.</returns>
    public WriteWish? Of(Place place) => _wishes.GetValueOrDefault(place);

    /// <summary>The actions of a batch that may start with their grants.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>Their places in the batch, those whose grants came first before the others.</returns>
    public IEnumerable<int> In(BatchState batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Count(batch.Number) == 0)
            return [];
        return _wishes
            .Where(w => w.Key.Batch == batch.Number && batch.Actions[w.Key.Index] is { Phase: ActionPhase.Waiting } action && action.Attempts + 1 == w.Value.Attempt.Number)
            .OrderBy(w => w.Value.Since).ThenBy(w => w.Key).Select(w => w.Key.Index);
    }

    /// <summary>Takes in an action that has all its grants.</summary>
    /// <param name="wish">Its wish.</param>
    /// <returns>All with it.</returns>
    public GrantedWrites With(WriteWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return new(_wishes.Add(new Place(wish.Attempt.Batch, wish.Attempt.Index), wish), _counts.SetItem(wish.Attempt.Batch, Count(wish.Attempt.Batch) + 1));
    }

    /// <summary>Leaves an action out: it has started, or does not want its objects any more.</summary>
    /// <param name="place">Where it stands.</param>
    /// <returns>All but it.</returns>
    public GrantedWrites Without(Place place) => _wishes.ContainsKey(place)
        ? new(_wishes.Remove(place), Count(place.Batch) == 1 ? _counts.Remove(place.Batch) : _counts.SetItem(place.Batch, Count(place.Batch) - 1))
        : this;
}
