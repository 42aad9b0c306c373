using System.Collections.Immutable;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// Decides commands one after another on the evolving state and gathers their facts into the journal's next row. A row ends at about 1 MB;
/// only the chunks of a large batch take several rows, and nothing of such a batch runs before its last one.
/// </summary>
internal sealed class CommitBuilder(OrchestrationState state, long lastSequenceNr, ResultCache cache)
{
    private const int RowBytes = 1_000_000;

    private readonly List<ImmutableArray<Fact>.Builder> _rows = [];
    private Commit[]? _built;
    private int _rowBytes;

    public OrchestrationState State { get; private set; } = state;

    public long Bytes { get; private set; }

    public bool IsEmpty => _rows.Count == 0;

    public bool IsFull => Bytes >= RowBytes;

    public int AttemptsStarted { get; private set; }

    public int AttemptsEnded { get; private set; }

    /// <summary>Whether a batch ended since this was last asked: time to ask the pipeline.</summary>
    public bool PipelineIsDue { get; set; }

    public IReadOnlyList<Commit> Rows => _built ??= [.. _rows.Select(r => new Commit(r.ToImmutable()))];

    public Decision Decide(Command command)
    {
        var decision = Decider.Decide(State, command);
        foreach (var fact in decision.Facts)
            Add(fact);
        return decision;
    }

    private void Add(Fact fact)
    {
        var size = FactSize.Of(fact);
        if (_rows.Count == 0 || (fact is ActionsAdded && _rowBytes > 0 && _rowBytes + size > RowBytes))
        {
            _rows.Add(ImmutableArray.CreateBuilder<Fact>());
            _rowBytes = 0;
        }

        _rows[^1].Add(fact);
        _rowBytes += size;
        Bytes += size;
        Note(fact);
        State = StateFold.Apply(State, fact, lastSequenceNr + _rows.Count);
    }

    private void Note(Fact fact)
    {
        switch (fact)
        {
            case AttemptStarted:
                AttemptsStarted++;
                break;
            case AttemptSucceeded f:
                AttemptsEnded++;
                cache.Add(f.Batch, f.Index, new ActionResult(State.Batches[f.Batch].Actions[f.Index].Id, true, f.Result, null));
                break;
            case AttemptFailed f:
                AttemptsEnded++;
                if (f.IsFinal)
                    cache.Add(f.Batch, f.Index, new ActionResult(State.Batches[f.Batch].Actions[f.Index].Id, false, JsonBytes.Null, f.Failure));
                break;
            case ActionsClosed f:
                foreach (var index in f.Indexes())
                    cache.Add(f.Batch, index, new ActionResult(State.Batches[f.Batch].Actions[index].Id, false, JsonBytes.Null, f.Failure));
                break;
            case InputsLost f:
                cache.Add(f.Batch, f.Index, new ActionResult(State.Batches[f.Batch].Actions[f.Index].Id, false, JsonBytes.Null, f.Failure));
                break;
            case ActionsReopened f:
                foreach (var index in f.Indexes())
                    cache.Remove(f.Batch, index);
                break;
            case BatchEnded or OrchestrationStarted or StepSkipped or ResultsCollected:
                PipelineIsDue = true;
                break;
        }
    }
}
