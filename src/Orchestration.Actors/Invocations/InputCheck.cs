using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Invocations;

/// <summary>Looks whether the objects that an action needs are there, so that an action whose input is gone is not started to find that out.</summary>
internal static class InputCheck
{
    /// <summary>Looks at all inputs, many at once.</summary>
    /// <param name="store">Where they should be.</param>
    /// <param name="inputs">The objects.</param>
    /// <param name="parallelism">At most so many questions at once.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The attempt's end when some are missing; null when all are there, or the store does not tell.</returns>
    public static async Task<InvokeReply.Failed?> FindMissingAsync(IObjectStore store, ImmutableArray<ObjectKey> inputs, int parallelism, CancellationToken cancellation)
    {
        var missing = new ConcurrentBag<ObjectKey>();
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation };
            await Parallel.ForEachAsync(inputs, options, async (key, token) =>
            {
                if (await store.StatAsync(key, token) is null)
                    missing.Add(key);
            });
        }
        catch (ObjectStoreException)
        {
            // The action asks the store itself, and says what it finds.
            return null;
        }

        if (missing.IsEmpty)
            return null;
        var now = DateTimeOffset.UtcNow;
        var sorted = missing.Order().ToList();
        var failure = new Failure(RecoveryCodes.NoSuchKey, $"{string.Join(", ", sorted.Take(3))}{(sorted.Count > 3 ? $" and {sorted.Count - 3} more objects" : "")} not in the object store; the action was not invoked.");
        return new InvokeReply.Failed(null, null, AttemptOutcome.InputMissing, failure, ObjectReport.None with { Missing = [.. sorted.Select(k => new ObjectAccess(k, 0, null, now))] });
    }
}
