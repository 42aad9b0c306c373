using System.Collections.Concurrent;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Recovery;

/// <summary>Looks which objects are there, many at once.</summary>
public static class Presence
{
    /// <summary>Looks at all of them.</summary>
    /// <param name="store">Where they should be.</param>
    /// <param name="keys">The objects.</param>
    /// <param name="parallelism">At most so many questions at once.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether each is there.</returns>
    /// <exception cref="ObjectStoreException">The store does not tell.</exception>
    public static async Task<IReadOnlyDictionary<ObjectKey, bool>> LookAsync(IObjectStore store, IReadOnlyCollection<ObjectKey> keys, int parallelism, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        var there = new ConcurrentDictionary<ObjectKey, bool>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(keys, options, async (key, token) => there[key] = await store.StatAsync(key, token) is not null);
        return there;
    }
}
