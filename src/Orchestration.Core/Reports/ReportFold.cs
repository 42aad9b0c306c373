using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Reports;

/// <summary>
/// Gathers the report of one orchestration from its commits, in one pass and in time linear in the facts. It keeps what the report holds
/// and nothing else. Owned by one caller; not for concurrent use.
/// </summary>
/// <param name="id">The orchestration.</param>
public sealed class ReportFold(OrchestrationId id)
{
    private readonly List<BatchTally> _batches = [];
    private readonly List<BatchTally> _sealed = [];
    private readonly Dictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private readonly ObjectTallies _objects = new();
    private OrchestrationStarted? _started;
    private DateTimeOffset _latest;
    private DateTimeOffset? _finished;
    private OrchestrationStatus _status;
    private ReportError? _error;
    private JsonBytes _output;

    /// <summary>Takes in the next commit.</summary>
    /// <param name="commit">The commit, each once and in the journal's order.</param>
    public void Add(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        foreach (var fact in commit.Facts)
            Add(fact);
    }

    /// <summary>The report of what was taken in so far; more may be taken in afterwards.</summary>
    /// <returns>The report.</returns>
    /// <exception cref="InvalidOperationException">The orchestration's start has not been taken in.</exception>
    public OrchestrationReport ToReport()
    {
        if (_started is not { } started)
            throw new InvalidOperationException($"There is no report of the orchestration {id}: its facts do not hold its start. Take in its commits from the first on.");
        var end = _finished ?? _latest;
        var actions = ImmutableArray.CreateBuilder<ActionReport>(_sealed.Sum(b => b.Actions.Count));
        foreach (var batch in _sealed)
            foreach (var action in batch.Actions)
                actions.Add(action.ToReport(batch.Key!));
        var attempts = _sealed.Sum(b => b.Actions.Sum(a => a.Attempts.Count));
        var first = _sealed.Sum(b => b.Actions.Count(a => a.Attempts.Count > 0));
        return new OrchestrationReport(
            id,
            started.Name,
            _status,
            _error,
            started.Time,
            _finished,
            Spans.Between(started.Time, end),
            new TimeSpan(actions.Sum(a => a.Attempts.Sum(t => t.Duration?.Ticks ?? 0))),
            _objects.InputSize,
            _output,
            Steps(started.Pipeline),
            actions.MoveToImmutable(),
            _objects.ToReport(end),
            new ReportTotals(
                _sealed.Where(b => !b.Recovery).Sum(b => b.Actions.Count), attempts, attempts - first, _sealed.Where(b => b.Recovery).Sum(b => b.Actions.Count(a => a.Attempts.Count > 0)),
                _objects.Read, _objects.BytesRead, _objects.Written, _objects.BytesWritten)
            { Recovered = Recovered() });
    }

    private void Add(Fact fact)
    {
        if (fact.Time > _latest)
            _latest = fact.Time;
        switch (fact)
        {
            case OrchestrationStarted f:
                (_started, _status) = (f, OrchestrationStatus.Running);
                break;
            case ActionsAdded f:
                var actions = Batch(f.Batch).Actions;
                for (var i = 0; i < f.Actions.Length; i++)
                {
                    actions.Add(new ActionTally(f.IdOf(i), f.FirstIndex + i, f.Actions[i]));
                    foreach (var before in f.Actions[i].Job?.After ?? [])
                        Action(before.Batch, before.Index).WaitedForBy.Add(f.IdOf(i));
                }

                break;
            case BatchSealed f:
                var batch = Batch(f.Batch);
                (batch.Key, batch.Source, batch.Recovery) = (f.Key, f.Source, f.Recovery);
                _sealed.Add(batch);
                break;
            case AttemptStarted f:
                Action(f.Batch, f.Index).Attempts.Add(new AttemptReport(f.Attempt, null, f.Queued, f.Time, null, null, JsonBytes.Null) { WaitedForGrant = f.WaitedForGrant });
                break;
            case ActivationAccepted f:
                Action(f.Batch, f.Index).Change(f.Attempt, a => a with { ActivationId = f.ActivationId });
                break;
            case AttemptSucceeded f:
                var succeeded = Action(f.Batch, f.Index);
                succeeded.End(f.Attempt, f.Time, f.ActivationId, f.Timing, AttemptOutcome.Success, JsonBytes.Null);
                (succeeded.Success, succeeded.Result) = (true, f.Result);
                _objects.Add(succeeded, f.Objects);
                break;
            case AttemptFailed f:
                var failed = Action(f.Batch, f.Index);
                var error = f.Failure.ToJson();
                failed.End(f.Attempt, f.Time, f.ActivationId, f.Timing, f.Outcome, error);
                if (f.IsFinal)
                    (failed.Success, failed.Error) = (false, error);
                _objects.Add(failed, f.Objects);
                break;
            case InputsPlanned f:
                foreach (var before in f.After)
                    Action(before.Batch, before.Index).WaitedForBy.Add(Action(f.Batch, f.Index).Id);
                break;
            case MadeElsewhere f:
                Action(f.Batch, f.Index).Success = true;
                break;
            case InputsLost f:
                (Action(f.Batch, f.Index).Success, Action(f.Batch, f.Index).Error) = (false, f.Failure.ToJson());
                break;
            case ActionsClosed f:
                var why = f.Failure.ToJson();
                foreach (var index in f.Indexes())
                    (Action(f.Batch, index).Success, Action(f.Batch, index).Error) = (false, why);
                break;
            case ActionsReopened f:
                var reopened = Batch(f.Batch);
                (reopened.Ended, reopened.Collected) = (false, null);
                foreach (var index in f.Indexes())
                    (Action(f.Batch, index).Success, Action(f.Batch, index).Error) = (null, JsonBytes.Null);
                break;
            case OrchestrationReopened:
                (_status, _finished, _error, _output) = (OrchestrationStatus.Running, null, null, JsonBytes.Null);
                _skipped.Clear();
                break;
            case ResultsCollected f:
                Batch(f.Batch).Collected = f.Object;
                break;
            case StepSkipped f:
                _skipped[f.Step] = f.Reason;
                break;
            case BatchEnded f:
                Batch(f.Batch).Ended = true;
                break;
            case OrchestrationCompleted f:
                (_status, _finished, _output) = (OrchestrationStatus.Completed, f.Time, f.Output);
                break;
            case OrchestrationFailed f:
                (_status, _finished, _error) = (OrchestrationStatus.Failed, f.Time, new ReportError(f.Failure.Code, f.Failure.Message, f.Step));
                break;
            case OrchestrationCancelled f:
                (_status, _finished, _error) = (OrchestrationStatus.Cancelled, f.Time, new ReportError("CANCELLED", f.Reason, null));
                break;
        }
    }

    private RecoveryTotals Recovered()
    {
        var jobs = _sealed.Where(b => b.Recovery).SelectMany(b => b.Actions).Where(a => a.Attempts.Count > 0).ToList();
        return new RecoveryTotals(
            jobs.SelectMany(a => a.Job?.Objects ?? []).Distinct().Count(),
            new TimeSpan(jobs.Sum(a => a.Attempts.Sum(t => t.Duration?.Ticks ?? 0))),
            jobs.Sum(a => a.BytesRead),
            jobs.Sum(a => a.BytesWritten));
    }

    private BatchTally Batch(int number)
    {
        while (_batches.Count <= number)
            _batches.Add(new BatchTally());
        return _batches[number];
    }

    private ActionTally Action(int batch, int index) => _batches[batch].Actions[index];

    private ImmutableArray<StepReport> Steps(PipelineDefinition? pipeline)
    {
        var byKey = _sealed.ToDictionary(b => b.Key!);
        var steps = ImmutableArray.CreateBuilder<StepReport>();
        foreach (var step in pipeline is null ? [] : pipeline.Steps)
            steps.Add(Step(step, byKey.Remove(step, out var batch) ? batch : null));
        foreach (var batch in _sealed)
            if (byKey.ContainsKey(batch.Key!))
                steps.Add(Step(batch.Key!, batch));
        return steps.ToImmutable();
    }

    private StepReport Step(string id, BatchTally? batch)
    {
        var failed = batch?.Actions.Count(a => a.Success == false) ?? 0;
        return new StepReport(id, Status(id, batch, failed), batch?.Actions.Count ?? 0, failed)
        {
            Reason = _skipped.GetValueOrDefault(id),
            Source = batch?.Source,
            Collected = batch?.Collected,
        };
    }

    private StepStatus Status(string id, BatchTally? batch, int failed)
    {
        if (_status == OrchestrationStatus.Failed && _error!.Step == id)
            return StepStatus.Failed;
        if (_skipped.ContainsKey(id))
            return StepStatus.Skipped;
        if (batch is { Ended: true })
            return failed > 0 ? StepStatus.Failed : StepStatus.Completed;
        if (_status == OrchestrationStatus.Running)
            return batch is null ? StepStatus.Waiting : StepStatus.Running;
        return batch is null && _status != OrchestrationStatus.Cancelled ? StepStatus.Skipped : StepStatus.Cancelled;
    }

    private sealed class BatchTally
    {
        public string? Key { get; set; }

        public bool Ended { get; set; }

        public bool Recovery { get; set; }

        public ItemSource? Source { get; set; }

        public ObjectKey? Collected { get; set; }

        public List<ActionTally> Actions { get; } = [];
    }
}
