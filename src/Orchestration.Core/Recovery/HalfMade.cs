using Orchestration.Core.Actions;
using Orchestration.Core.Objects;
using Orchestration.Core.State;

namespace Orchestration.Core.Recovery;

/// <summary>The objects with several writers that an orchestration is making again: some of their writers may have written, and others still will, so that they are there and not whole.</summary>
internal static class HalfMade
{
    /// <summary>The objects, and after whom they are whole.</summary>
    /// <param name="state">The orchestration.</param>
    /// <returns>The last re-run that writes each of them.</returns>
    public static IReadOnlyDictionary<ObjectKey, Place> Of(OrchestrationState state)
    {
        var last = new Dictionary<ObjectKey, Place>();
        foreach (var number in state.Active)
        {
            var batch = state.Batches[number];
            if (!batch.Recovery || batch.Options.Writers != Writers.Shared)
                continue;
            var index = 0;
            foreach (var action in batch.Actions)
            {
                if (!action.Done && action.Spec?.Job is { } job)
                    foreach (var key in job.Onto)
                        if (!job.Partial.Contains(key))
                            last[key] = new Place(number, index);
                index++;
            }
        }

        return last;
    }
}
