namespace Orchestration.LocalWhisk.Http;

/// <summary>OpenWhisk's limit of calls per minute: a fixed clock minute, in which refused calls count too.</summary>
/// <param name="limit">The most calls in a minute; null for no limit.</param>
internal sealed class MinuteThrottle(int? limit)
{
    private const long MinuteMilliseconds = 60_000;
    private readonly Lock _lock = new();
    private long _minute;
    private int _count;

    /// <summary>Takes a call in.</summary>
    /// <param name="now">Epoch milliseconds of its arrival.</param>
    /// <exception cref="ApiException">429: there were too many in this minute.</exception>
    public void Count(long now)
    {
        if (limit is not { } allowed)
            return;
        int count;
        lock (_lock)
        {
            var minute = now / MinuteMilliseconds;
            if (minute != _minute)
                (_minute, _count) = (minute, 0);
            count = ++_count;
        }
        if (count > allowed)
            throw new ApiException(429, $"Too many requests in the last minute (count: {count}, allowed: {allowed}).");
    }
}
