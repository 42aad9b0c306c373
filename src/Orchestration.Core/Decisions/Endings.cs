using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.State;

namespace Orchestration.Core.Decisions;

/// <summary>Gathers the facts of a decision by which actions are done, and ends each batch with its last one.</summary>
internal sealed class Endings(OrchestrationState state)
{
    private readonly ImmutableArray<Fact>.Builder _facts = ImmutableArray.CreateBuilder<Fact>();
    private Dictionary<int, int>? _left;
    private int _number = -1;
    private int _leftOfNumber;

    public void Add(Fact fact) => _facts.Add(fact);

    /// <summary>Adds a fact by which one more action of a batch is done.</summary>
    public void Done(Fact fact, int number)
    {
        _facts.Add(fact);
        if (Take(number) == 0)
            _facts.Add(new BatchEnded(fact.Time, number));
    }

    // Nearly every decision ends actions of one batch only.
    private int Take(int number)
    {
        if (_number < 0)
            (_number, _leftOfNumber) = (number, Left(number));
        if (number == _number)
            return --_leftOfNumber;
        _left ??= [];
        return _left[number] = _left.GetValueOrDefault(number, Left(number)) - 1;
    }

    private int Left(int number)
    {
        var batch = state.Batches[number];
        return batch.Actions.Count - batch.Succeeded - batch.Failed;
    }

    public Decision ToDecision() => new(_facts.ToImmutable(), null);
}
