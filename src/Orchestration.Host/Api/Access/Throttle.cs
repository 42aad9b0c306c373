using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Orchestration.Host.Api.Access;

/// <summary>How often a key may ask, and how often an address may ask without one that fits.</summary>
internal sealed class Throttle : IAsyncDisposable
{
    private const int WrongPerSecond = 5;

    // Who asks for a page gets what is on it at once.
    private const int BurstSeconds = 2;

    private readonly PartitionedRateLimiter<string> _keys;
    private readonly PartitionedRateLimiter<string> _addresses = Make(WrongPerSecond);

    /// <summary>Makes it.</summary>
    /// <param name="perSecond">How many requests of a key per second, on average.</param>
    public Throttle(int perSecond) => _keys = Make(perSecond);

    /// <exception cref="ApiException">It has asked too often.</exception>
    public void CountKey(HttpContext context, string name) => Count(context, _keys, name, $"The key '{name}' asks too often.");

    /// <exception cref="ApiException">It has asked too often.</exception>
    public void CountWrong(HttpContext context, string address) => Count(context, _addresses, address, "Too many requests without a key that fits.");

    public async ValueTask DisposeAsync()
    {
        await _keys.DisposeAsync();
        await _addresses.DisposeAsync();
    }

    private static PartitionedRateLimiter<string> Make(int perSecond) => PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetTokenBucketLimiter(name, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = perSecond * BurstSeconds,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
        AutoReplenishment = true,
    }));

    private static void Count(HttpContext context, PartitionedRateLimiter<string> limiter, string name, string problem)
    {
        using var lease = limiter.AttemptAcquire(name);
        if (lease.IsAcquired)
            return;
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        throw new ApiException(429, "TOO_OFTEN", $"{problem} Ask again in {seconds} s; --rate-limit of the service sets how often.");
    }
}
