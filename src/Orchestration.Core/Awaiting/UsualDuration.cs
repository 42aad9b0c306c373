namespace Orchestration.Core.Awaiting;

/// <summary>How long the activations of an action have taken of late.</summary>
/// <param name="Low">Nine in ten took at least so long.</param>
/// <param name="High">Nine in ten took at most so long.</param>
public readonly record struct UsualDuration(TimeSpan Low, TimeSpan High)
{
    /// <summary>The fewest observations that say something.</summary>
    public const int FewestObservations = 3;

    /// <summary>Gathers it.</summary>
    /// <param name="observed">Durations of activations of one action, in any order.</param>
    /// <returns>The range; null when there are fewer than <see cref="FewestObservations"/>.</returns>
    public static UsualDuration? Of(IReadOnlyCollection<TimeSpan> observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        if (observed.Count < FewestObservations)
            return null;
        var sorted = observed.Order().ToList();
        return new UsualDuration(sorted[(sorted.Count - 1) / 10], sorted[sorted.Count - 1 - (sorted.Count - 1) / 10]);
    }
}
