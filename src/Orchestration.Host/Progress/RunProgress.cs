using Orchestration.Core.Facts;
using Orchestration.Core.Retries;

namespace Orchestration.Host.Progress;

/// <summary>Where one step stands.</summary>
internal sealed class StepProgress(string id)
{
    public string Id { get; } = id;

    /// <summary>How many actions it has; null before they are known.</summary>
    public int? Count { get; set; }

    public int Succeeded { get; set; }

    public int Failed { get; set; }

    public int Running { get; set; }

    public int Retrying { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public bool IsActive => Count is not null && EndedAt is null;
}

/// <summary>The steps of a run and their counts, from its facts in order.</summary>
internal sealed class RunProgress
{
    private readonly List<StepProgress> _steps = [];
    private readonly Dictionary<int, StepProgress> _byBatch = [];
    private readonly HashSet<(int Batch, int Index)> _retrying = [];

    public IReadOnlyList<StepProgress> Steps => _steps;

    /// <summary>The step of a sealed batch.</summary>
    public StepProgress StepOf(int batch) => _byBatch[batch];

    public void Apply(Fact fact)
    {
        switch (fact)
        {
            case OrchestrationStarted { Pipeline: { } pipeline }:
                _steps.AddRange(pipeline.Steps.Select(id => new StepProgress(id)));
                break;
            case BatchSealed added:
                Seal(added);
                break;
            case AttemptStarted started:
                StepOf(started.Batch).Running++;
                if (_retrying.Remove((started.Batch, started.Index)))
                    StepOf(started.Batch).Retrying--;
                break;
            case AttemptSucceeded succeeded:
                StepOf(succeeded.Batch).Running--;
                StepOf(succeeded.Batch).Succeeded++;
                break;
            case AttemptFailed failed:
                Fail(failed);
                break;
            case ActionsClosed closed:
                Close(closed);
                break;
            case BatchEnded ended:
                StepOf(ended.Batch).EndedAt = ended.Time;
                break;
        }
    }

    private void Seal(BatchSealed added)
    {
        var step = _steps.Find(s => s.Id == added.Key && s.Count is null);
        if (step is null)
        {
            step = new StepProgress(added.Key);
            _steps.Add(step);
        }
        step.Count = added.Count;
        step.StartedAt = added.Time;
        _byBatch[added.Batch] = step;
    }

    private void Close(ActionsClosed closed)
    {
        var step = StepOf(closed.Batch);
        foreach (var index in closed.Indexes())
        {
            if (_retrying.Remove((closed.Batch, index)))
                step.Retrying--;
            step.Failed++;
        }
    }

    private void Fail(AttemptFailed failed)
    {
        var step = StepOf(failed.Batch);
        // An action that was cancelled while it waited for another attempt has none that runs.
        if (_retrying.Remove((failed.Batch, failed.Index)))
            step.Retrying--;
        else
            step.Running--;
        if (failed.IsFinal || failed.Outcome == AttemptOutcome.Cancelled)
        {
            step.Failed++;
        }
        else
        {
            step.Retrying++;
            _retrying.Add((failed.Batch, failed.Index));
        }
    }
}
