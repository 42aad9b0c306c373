namespace Orchestration.Core.Scheduling;

/// <summary>What holds invocations back.</summary>
public enum PacingBound
{
    /// <summary>Nothing does.</summary>
    None,

    /// <summary>The limit of activations in flight.</summary>
    Concurrency,

    /// <summary>The limit of invocations per minute.</summary>
    PerMinute,

    /// <summary>The platform does not answer.</summary>
    Unavailable,
}

/// <summary>How a namespace's invocations are paced just now.</summary>
/// <param name="Bound">What holds invocations back.</param>
/// <param name="Until">When that ends by itself; null when it ends with an activation, or holds nothing back.</param>
/// <param name="InFlight">How many slots are out.</param>
/// <param name="Window">How many may be.</param>
/// <param name="Waiting">How many orchestrations wait for slots.</param>
/// <param name="PerMinute">How many invocations a minute are sent at most; null for no bound.</param>
/// <param name="SentThisMinute">How many were sent in the current clock minute.</param>
public sealed record PacingSnapshot(PacingBound Bound, DateTimeOffset? Until, int InFlight, int Window, int Waiting, int? PerMinute, int SentThisMinute)
{
    /// <summary>What this process has sent so far.</summary>
    public RequestCounts Requests { get; init; }

    /// <summary>In a few words for people.</summary>
    /// <returns>Such as <c>paced: 60/min</c>; null when nothing is held back.</returns>
    public string? ToText() => Bound switch
    {
        PacingBound.PerMinute when PerMinute is { } most => $"paced: {most}/min",
        PacingBound.PerMinute => "paced: the minute is used up",
        PacingBound.Concurrency => $"paced: {Window} in flight",
        PacingBound.Unavailable => "OpenWhisk does not answer; trying again",
        _ => null,
    };
}
