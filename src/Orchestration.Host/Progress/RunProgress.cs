using Orchestration.Core.Facts;
using Orchestration.Core.Retries;

namespace Orchestration.Host.Progress;

/// <summary>The steps of a run and their counts, from its facts in order.</summary>
internal sealed class RunProgress
{
    private readonly List<StepProgress> _steps = [];
    private readonly Dictionary<int, StepProgress> _byBatch = [];
    private readonly Dictionary<(int Batch, int Index), DateTimeOffset> _running = [];
    private readonly HashSet<(int Batch, int Index)> _retrying = [];
    private readonly HashSet<(int Batch, int Index)> _recovering = [];

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
            case OrchestrationReopened:
                foreach (var passed in _steps)
                    passed.IsSkipped = false;
                break;
            case StepSkipped skipped when _steps.Find(s => s.Id == skipped.Step) is { } step:
                step.IsSkipped = true;
                break;
            case BatchSealed added:
                Seal(added);
                break;
            case AttemptStarted started:
                Start(started);
                break;
            case AttemptSucceeded succeeded:
                Leave(succeeded.Batch, succeeded.Index, out var since);
                // What the platform measured is the least that it takes: here it waits for storage and for others too.
                var took = succeeded.Timing is { } timing ? timing.End - timing.Start : succeeded.Time - (since ?? succeeded.Time);
                StepOf(succeeded.Batch).Succeed(succeeded.Time, took);
                break;
            case AttemptFailed failed:
                Fail(failed);
                break;
            case MadeElsewhere made:
                Leave(made.Batch, made.Index, out _);
                StepOf(made.Batch).Succeed(made.Time, TimeSpan.Zero);
                break;
            case InputsPlanned { After.IsEmpty: true } found:
                Leave(found.Batch, found.Index, out _);
                break;
            case InputsLost lost:
                Leave(lost.Batch, lost.Index, out _);
                StepOf(lost.Batch).Fail(lost.Time);
                break;
            case ActionsClosed closed:
                foreach (var index in closed.Indexes())
                {
                    Leave(closed.Batch, index, out _);
                    StepOf(closed.Batch).Fail(closed.Time);
                }
                break;
            case ActionsReopened reopened:
                Reopen(reopened);
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
        step.Parallelism = added.Options.Parallelism;
        step.StartedAt = added.Time;
        _byBatch[added.Batch] = step;
    }

    private void Start(AttemptStarted started)
    {
        Leave(started.Batch, started.Index, out _);
        StepOf(started.Batch).Running++;
        _running[(started.Batch, started.Index)] = started.Time;
    }

    private void Reopen(ActionsReopened reopened)
    {
        var step = StepOf(reopened.Batch);
        step.EndedAt = null;
        foreach (var index in reopened.Indexes())
        {
            step.Reopen();
            step.Retrying++;
            _retrying.Add((reopened.Batch, index));
        }
    }

    private void Fail(AttemptFailed failed)
    {
        var place = (failed.Batch, failed.Index);
        var step = StepOf(failed.Batch);
        Leave(failed.Batch, failed.Index, out _);
        if (failed.IsFinal || failed.Outcome == AttemptOutcome.Cancelled)
        {
            step.Fail(failed.Time);
        }
        else if (failed.Lost.IsEmpty)
        {
            step.Retrying++;
            _retrying.Add(place);
        }
        else
        {
            step.Recovering++;
            _recovering.Add(place);
        }
    }

    // Out of whatever the action was in; one that was cancelled while it waited, say, has no attempt that runs.
    private void Leave(int batch, int index, out DateTimeOffset? since)
    {
        var step = StepOf(batch);
        since = null;
        if (_running.Remove((batch, index), out var started))
        {
            step.Running--;
            since = started;
        }
        else if (_retrying.Remove((batch, index)))
        {
            step.Retrying--;
        }
        else if (_recovering.Remove((batch, index)))
        {
            step.Recovering--;
        }
    }
}
