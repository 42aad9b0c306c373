using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Tests.Laws;

/// <summary>What holds of every history: book-keeping of attempts that knows nothing of the fold.</summary>
internal sealed class FactLaws
{
    private readonly Dictionary<int, (List<ActionSpec> Actions, BatchOptions Options)> _batches = [];
    private readonly Dictionary<(int Batch, int Index), History> _histories = [];

    public IEnumerable<(int Batch, int Index)> Open => _histories.Where(h => h.Value.Open is not null).Select(h => h.Key);

    public int Attempts => _histories.Values.Sum(h => h.Attempts);

    public void Check(Fact fact)
    {
        switch (fact)
        {
            case ActionsAdded f:
                _batches.TryAdd(f.Batch, ([], BatchOptions.Default));
                Assert.Equal(f.FirstIndex, _batches[f.Batch].Actions.Count);
                _batches[f.Batch].Actions.AddRange(f.Actions);
                break;
            case BatchSealed f:
                _batches[f.Batch] = (_batches.TryGetValue(f.Batch, out var batch) ? batch.Actions : [], f.Options);
                Assert.Equal(f.Count, _batches[f.Batch].Actions.Count);
                break;
            case AttemptStarted f:
                Started(f);
                break;
            case AttemptSucceeded f:
                Close(f.Batch, f.Index, f.Attempt).Done = true;
                break;
            case AttemptFailed f:
                Failed(f);
                break;
            case ActionsClosed f:
                Close(f);
                break;
            case ActionsReopened f:
                foreach (var index in f.Indexes())
                    Reopen(_histories[(f.Batch, index)]);
                break;
            case OrchestrationReopened:
                foreach (var history in _histories.Values)
                    history.HasTurn = false;
                break;
            case RerunGranted f:
                if (!_histories.TryGetValue((f.Batch, f.Index), out var granted))
                    _histories.Add((f.Batch, f.Index), granted = new History());
                granted.HasTurn = true;
                break;
            case InputsPlanned f:
                Assert.True(_histories[(f.Batch, f.Index)].Blocked);
                _histories[(f.Batch, f.Index)].Blocked = false;
                _histories[(f.Batch, f.Index)].After = f.After;
                break;
            case MadeElsewhere f:
                var made = _histories.TryGetValue((f.Batch, f.Index), out var known) ? known : _histories[(f.Batch, f.Index)] = new History();
                Assert.Null(made.Open);
                Assert.False(made.Done);
                made.Done = true;
                break;
            case InputsLost f:
                if (!_histories.TryGetValue((f.Batch, f.Index), out var lost))
                    _histories.Add((f.Batch, f.Index), lost = new History());
                Assert.Null(lost.Open);
                Assert.False(lost.Done);
                (lost.Done, lost.HasFailed, lost.Blocked) = (true, true, false);
                break;
            case BatchEnded f:
                Assert.All(Enumerable.Range(0, _batches[f.Batch].Actions.Count), i => Assert.True(_histories[(f.Batch, i)].Done));
                break;
        }
    }

    private void Started(AttemptStarted fact)
    {
        var key = (fact.Batch, fact.Index);
        if (!_histories.TryGetValue(key, out var history))
            _histories.Add(key, history = new History());
        Assert.False(history.Done);
        Assert.False(history.Blocked);
        Assert.All(history.After, p => Assert.True(_histories[(p.Batch, p.Index)] is { Done: true, HasFailed: false }));
        if (_batches[fact.Batch].Actions[fact.Index].Job is { } job)
        {
            Assert.Equal(job.ActionId, fact.ActionId);
            Assert.True(job.Objects.IsEmpty || history.HasTurn);
            Assert.All(job.After, p => Assert.True(_histories[(p.Batch, p.Index)] is { Done: true, HasFailed: false }));
        }

        Assert.Equal(_batches[fact.Batch].Actions[fact.Index].Writes.Distinct().Order(), fact.Fencing.Select(f => f.Object));
        Assert.InRange(fact.WaitedForGrant, TimeSpan.Zero, fact.Queued);
        Assert.Null(history.Open);
        Assert.Equal(history.Attempts + 1, fact.Attempt);
        Assert.True(fact.Queued >= TimeSpan.Zero);
        Assert.True(history.Due is null || fact.Time >= history.Due);
        (history.Open, history.Attempts) = (fact.Attempt, fact.Attempt);
        var running = _histories.Count(h => h.Key.Batch == fact.Batch && h.Value.Open is not null);
        Assert.True(running <= (_batches[fact.Batch].Options.Parallelism ?? int.MaxValue));
    }

    private void Failed(AttemptFailed fact)
    {
        var history = Close(fact.Batch, fact.Index, fact.Attempt);
        var policy = _batches[fact.Batch].Actions[fact.Index].Retry ?? _batches[fact.Batch].Options.Retry;
        var pushback = fact.Outcome is AttemptOutcome.Throttled or AttemptOutcome.Unavailable;
        history.Retries += fact.UsedRetry ? 1 : 0;
        history.Free += fact is { UsedRetry: false, RetryAt: not null } ? 1 : 0;
        (history.Done, history.HasFailed, history.Due, history.Blocked) = (fact.IsFinal, fact.IsFinal, fact.RetryAt, !fact.Lost.IsEmpty);
        history.Free += fact.Lost.IsEmpty ? 0 : 1;
        history.HasTurn = history.HasTurn && fact.Lost.IsEmpty;
        Assert.True(history.Retries <= policy.Retries);
        Assert.True(history.Attempts - history.Before <= 1 + policy.Retries + history.Free);
        if (fact.RetryAt is not { } due)
        {
            Assert.False(fact.UsedRetry);
            return;
        }

        var most = pushback ? RetryRules.Pushback.Max : policy.Backoff == BackoffKind.Fixed ? policy.Initial : policy.Max;
        Assert.InRange(due - fact.Time, TimeSpan.Zero, fact.UsedRetry || pushback ? most : TimeSpan.Zero);
    }

    private void Close(ActionsClosed fact)
    {
        var options = _batches[fact.Batch].Options;
        Assert.True(options.Timeout is not null || (options.FailFast && _histories.Any(h => h.Key.Batch == fact.Batch && h.Value.HasFailed)));
        Assert.NotEmpty(fact.Ranges);
        Assert.All(fact.Ranges.Zip(fact.Ranges.Skip(1)), pair => Assert.True(pair.First.First + pair.First.Count < pair.Second.First));
        foreach (var index in fact.Indexes())
        {
            if (!_histories.TryGetValue((fact.Batch, index), out var history))
                _histories.Add((fact.Batch, index), history = new History());
            Assert.Null(history.Open);
            Assert.False(history.Done);
            (history.Done, history.HasFailed) = (true, true);
        }
    }

    private static void Reopen(History history)
    {
        Assert.True(history.Done && history.HasFailed);
        (history.Done, history.HasFailed, history.Blocked, history.Due, history.After) = (false, false, false, null, []);
        (history.Before, history.Retries, history.Free) = (history.Attempts, 0, 0);
    }

    private History Close(int batch, int index, int attempt)
    {
        var history = _histories[(batch, index)];
        Assert.Equal(attempt, history.Open);
        history.Open = null;
        return history;
    }

    private sealed class History
    {
        public int? Open { get; set; }

        public int Attempts { get; set; }

        /// <summary>How many of the attempts were made before it was last reopened.</summary>
        public int Before { get; set; }

        public int Retries { get; set; }

        /// <summary>Repeats that used up no retry.</summary>
        public int Free { get; set; }

        public DateTimeOffset? Due { get; set; }

        public bool Done { get; set; }

        /// <summary>What must have succeeded before its next attempt.</summary>
        public ImmutableArray<Place> After { get; set; } = [];

        /// <summary>Lacks objects, and nobody has planned yet how they come back.</summary>
        public bool Blocked { get; set; }

        public bool HasFailed { get; set; }

        /// <summary>Of a re-run: whether it may run in this orchestration, and not in another one.</summary>
        public bool HasTurn { get; set; }
    }
}
