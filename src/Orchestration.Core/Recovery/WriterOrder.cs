using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Recovery;

/// <summary>In which order the writers of an object run again.</summary>
public static class WriterOrder
{
    /// <summary>All writers of an object: as its mailbox has them, or where nobody stood in line, as the lineage of one of its orchestrations has them.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="completed">Who has written, by the object's mailbox; empty when nobody stood in line.</param>
    /// <param name="forgotten">How many before them the mailbox does not know any more.</param>
    /// <param name="lineages">The lineages at hand, with those of all orchestrations in <paramref name="completed"/>.</param>
    /// <returns>Each writer once, in the order of the first time; none when not all of them are known.</returns>
    public static ImmutableArray<LineageAction> Of(ObjectKey key, IReadOnlyList<CompletedWrite> completed, long forgotten, IReadOnlyDictionary<OrchestrationId, Lineage> lineages)
    {
        ArgumentNullException.ThrowIfNull(completed);
        ArgumentNullException.ThrowIfNull(lineages);
        if (completed.Count == 0)
            return lineages.Values.Select(l => l.Writers(key).ToImmutableArray()).FirstOrDefault(w => !w.IsEmpty, []);
        var writers = completed.Select(c => lineages[c.Ticket.Orchestration].Find(new Place(c.Ticket.Attempt.Batch, c.Ticket.Attempt.Index))).ToList();
        return forgotten > 0 || writers.Contains(null) ? [] : [.. writers!];
    }
}
