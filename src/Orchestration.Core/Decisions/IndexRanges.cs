using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Names many actions of a batch in few numbers.</summary>
internal static class IndexRanges
{
    /// <summary>The places of the actions that are meant, those that follow each other as one range.</summary>
    public static ImmutableArray<IndexRange> Where(IEnumerable<ActionState> actions, Func<ActionState, bool> isMeant)
    {
        var ranges = ImmutableArray.CreateBuilder<IndexRange>();
        var (index, first) = (0, -1);
        foreach (var action in actions)
        {
            if (isMeant(action))
            {
                first = first < 0 ? index : first;
            }
            else if (first >= 0)
            {
                ranges.Add(new IndexRange(first, index - first));
                first = -1;
            }

            index++;
        }

        if (first >= 0)
            ranges.Add(new IndexRange(first, index - first));
        return ranges.ToImmutable();
    }
}
