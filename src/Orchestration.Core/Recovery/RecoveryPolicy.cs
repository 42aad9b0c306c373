namespace Orchestration.Core.Recovery;

/// <summary>What follows when an object that was made again differs from the one that was lost.</summary>
public enum OnChange
{
    /// <summary>The new content counts.</summary>
    Accept,

    /// <summary>Whoever waits for the object fails.</summary>
    Fail,

    /// <summary>Actions that had read the old content run again, downstream, until the content comes out equal.</summary>
    Invalidate,
}

/// <summary>The bounds of making lost objects again, in one orchestration.</summary>
/// <param name="Chases">How often one object is made again.</param>
/// <param name="Depth">How many producers may stand one behind the other.</param>
/// <param name="Jobs">How many re-runs there may be in all.</param>
/// <param name="OnChange">What follows when the content differs.</param>
public sealed record RecoveryPolicy(int Chases, int Depth, int Jobs, OnChange OnChange)
{
    /// <summary>3 chases, a depth of 10,000, 100,000 re-runs, and new content counts.</summary>
    public static RecoveryPolicy Default { get; } = new(3, 10_000, 100_000, OnChange.Accept);
}
