using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Gathers the facts of a decision by which actions are done, and ends each batch with its last one.</summary>
internal sealed class Endings(OrchestrationState state)
{
    private readonly ImmutableArray<Fact>.Builder _facts = ImmutableArray.CreateBuilder<Fact>();
    private readonly Dictionary<int, int> _left = [];

    public void Add(Fact fact) => _facts.Add(fact);

    /// <summary>Adds a fact by which one more action of a batch is done.</summary>
    public void Done(Fact fact, int number)
    {
        _facts.Add(fact);
        var batch = state.Batches[number];
        var left = _left.GetValueOrDefault(number, batch.Actions.Count - batch.Succeeded - batch.Failed) - 1;
        _left[number] = left;
        if (left == 0)
            _facts.Add(new BatchEnded(fact.Time, number));
    }

    public Decision ToDecision() => new(_facts.ToImmutable(), null);
}
