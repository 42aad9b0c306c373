using System.Collections.Immutable;
using Orchestration.Actors.Recovery;
using Orchestration.Core.Decisions;
using Orchestration.Core.Json;
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
    /// <param name="attempt">The attempt that needs them.</param>
    /// <param name="parallelism">At most so many questions at once.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The attempt's end when some are missing; null when all are there, or the store does not tell.</returns>
    public static async Task<InvokeReply.Failed?> FindMissingAsync(IObjectStore store, Effect.RunAttempt attempt, int parallelism, CancellationToken cancellation)
    {
        try
        {
            return Missing(await Presence.LookAsync(store, attempt.Inputs, parallelism, cancellation), attempt.Unmade);
        }
        catch (ObjectStoreException)
        {
            // The action asks the store itself, and says what it finds.
            return null;
        }
    }

    /// <summary>Runs an action that only looks whether objects are there.</summary>
    /// <param name="store">Where they should be; null when there is no store, and the action fails.</param>
    /// <param name="attempt">The attempt that needs them.</param>
    /// <param name="parallelism">At most so many questions at once.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The attempt's end.</returns>
    public static async Task<InvokeReply> RunAsync(IObjectStore? store, Effect.RunAttempt attempt, int parallelism, CancellationToken cancellation)
    {
        if (store is null)
            return new InvokeReply.Failed(null, null, AttemptOutcome.Rejected, new Failure("NO_OBJECT_STORE", "There is no object store to look into. Give one (on the command line with --object-store)."), ObjectReport.None);
        try
        {
            return (InvokeReply?)Missing(await Presence.LookAsync(store, attempt.Inputs, parallelism, cancellation), attempt.Unmade) ?? new InvokeReply.Succeeded(null, null, JsonBytes.EmptyObject, ObjectReport.None);
        }
        catch (ObjectStoreException e)
        {
            return new InvokeReply.Failed(null, null, AttemptOutcome.ApplicationError, new Failure(e.Code, e.Message), ObjectReport.None);
        }
    }

    private static InvokeReply.Failed? Missing(IReadOnlyDictionary<ObjectKey, bool> there, ImmutableArray<ObjectKey> unmade)
    {
        var missing = there.Where(t => !t.Value || unmade.Contains(t.Key)).Select(t => t.Key).Order().ToList();
        if (missing.Count == 0)
            return null;
        var now = DateTimeOffset.UtcNow;
        var failure = new Failure(RecoveryCodes.NoSuchKey, $"{string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? $" and {missing.Count - 3} more objects" : "")} not in the object store{(unmade.IsEmpty ? "" : ", or not whole yet")}; the action was not invoked.");
        return new InvokeReply.Failed(null, null, AttemptOutcome.InputMissing, failure, ObjectReport.None with { Missing = [.. missing.Select(k => new ObjectAccess(k, 0, null, now))] });
    }
}
