using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Serialization;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;
using Failure = Orchestration.Core.Retries.Failure;

namespace Orchestration.Actors.Orchestrators;

/// <summary>How an orchestrator recovers, decides, stores and then acts.</summary>
internal sealed partial class OrchestratorActor
{
    // Less would be written several times in a fan-out of 10,000, and nothing new starts meanwhile; reading so much back hardly shows (docs/performance.md).
    private const long CheckpointBytes = 4_000_000;
    private const string LoadTimer = "load";
    private static readonly TimeSpan LoadPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortWait = TimeSpan.FromMinutes(1);

    // Coming back takes a recovery and a row of its own; what is due is started by whoever is back already.
    private static readonly TimeSpan WakeAhead = TimeSpan.FromSeconds(1);

    private PipelineDriver? _driver;
    private ImmutableDictionary<int, IReadOnlyList<ActionResult>> _loaded = ImmutableDictionary<int, IReadOnlyList<ActionResult>>.Empty;
    private ImmutableArray<int> _toLoad = [];
    private bool _pipelineIsDue;
    private bool _loading;
    private CheckpointHead? _checkpoint;
    private List<ReadOnlyMemory<byte>>? _pieces;
    private long _bytesSince;
    private long _endedAt;
    private bool _forgotten;

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.Parent.Tell(new RegionProtocol.RecoveryFailed(_id, reason.Message));
        base.OnRecoveryFailure(reason, message);
    }

    private void RecoverState()
    {
        Recover<SnapshotOffer>(offer =>
        {
            _checkpoint = (CheckpointHead)offer.Snapshot;
            _pieces = [];
        });
        Recover<CheckpointPiece>(piece =>
        {
            // Pieces count only right behind the snapshot that names them; those of other checkpoints are passed over.
            if (_pieces is null)
                return;
            _pieces.Add(piece.Json);
            if (_pieces.Count < _checkpoint!.Pieces)
                return;
            _state = StateJson.Read(_pieces);
            _pieces = null;
        });
        Recover<Commit>(commit =>
        {
            _state = StateFold.Apply(_state, commit, LastSequenceNr);
            foreach (var fact in commit.Facts)
                _bytesSince += FactSize.Of(fact);
        });
        Recover<RecoveryCompleted>(_ => OnRecovered());
    }

    private void OnRecovered()
    {
        Context.Parent.Tell(new RegionProtocol.Recovered(_id));
        _endedAt = LastSequenceNr;
        if (_state.Status == OrchestrationStatus.Running)
        {
            _index.Tell(new IndexProtocol.Add(_id));
            _slots.Occupy(_state.Running);
            _grants.Recover(_state);
            // Decided in one row with what was asked meanwhile: who wants it cancelled does not want it taken up before.
            _gathered.Enqueue(new Pending(new TakeOver(Now, _environment.Owner, _environment.Platform), refusal =>
            {
                if (refusal is null)
                    GoOn();
                else
                    Disown(refusal);
            }));
            return;
        }

        GoOn();
        AfterWrite();
    }

    private void GoOn()
    {
        foreach (var effect in Effects.OnRecovered(_state))
            Interpret(effect);
    }

    // It belongs to a process with other settings: show it, but let nothing run.
    private void Disown(Refusal refusal)
    {
        _foreign = refusal;
        _slots.Leave(_state.Running);
        _index.Tell(new IndexProtocol.Disown(_id));
        _log.Error("{0}", refusal.Message);
        _waiters.RefuseAll(refusal);
    }

    /// <summary>Takes a command of this orchestration's own actors; those are bounded by the pool, and none may be lost.</summary>
    private void Report(Command command, Action<Refusal?>? answer = null)
    {
        if (_foreign is not null)
            return;
        _gathered.Enqueue(new Pending(command, answer));
        Flush();
    }

    /// <summary>Takes a command of a client.</summary>
    private void Gather(Command command, Action<Refusal?> answer)
    {
        if (_foreign is not null)
        {
            answer(_foreign);
            return;
        }

        if (_gathered.Count >= _environment.Settings.MaxGathered)
        {
            answer(new Refusal("BUSY", $"{_gathered.Count} commands of the orchestration {_id} wait to be stored; try again later."));
            return;
        }

        Report(command, answer);
    }

    /// <summary>Decides everything that has gathered, asks the pipeline, fills free places, and stores it all as one row.</summary>
    private void Flush()
    {
        if (_writing || _foreign is not null)
            return;
        var commit = new CommitBuilder(_state, LastSequenceNr, _cache) { PipelineIsDue = _pipelineIsDue };
        var answers = new List<(Pending Pending, Refusal? Refusal)>();
        while (_gathered.Count > 0 && !commit.IsFull)
        {
            var pending = _gathered.Dequeue();
            var refusal = commit.Decide(pending.Command).Refusal;
            answers.Add((pending, refusal));
            // What belongs elsewhere is not changed here by what was asked along with it.
            while (refusal is not null && pending.Command is TakeOver && _gathered.TryDequeue(out var other))
                answers.Add((other, refusal));
        }

        UseTurnsAhead(commit);
        commit.Decide(new CloseBatches(Now));
        _slots.Leave(commit.AttemptsEnded);
        if (_ticket.IsIn)
            AskPipeline(commit);
        var places = _ticket.IsIn ? Math.Min(_slots.Free, _workers.Places) : 0;
        if (places > 0)
            commit.Decide(new StartAttempts(Now, places) { Grants = _grants.Granted });
        _slots.Use(commit.AttemptsStarted);

        if (commit.IsEmpty)
        {
            AnswerAll(answers);
            AfterWrite();
            return;
        }

        _writing = true;
        _inFlight = [.. answers.Select(a => a.Pending)];
        var first = LastSequenceNr + 1;
        StoreRows(commit.Rows, 0, () => OnStored(commit, first, answers));
    }

    // One journal write per row, not one for all: a row is what every store writes atomically.
    private void StoreRows<TRow>(IReadOnlyList<TRow> rows, int index, Action stored) => PersistAsync(rows[index], _ =>
    {
        if (index == rows.Count - 1)
            stored();
        else
            StoreRows(rows, index + 1, stored);
    });

    private void OnStored(CommitBuilder commit, long first, List<(Pending Pending, Refusal? Refusal)> answers)
    {
        var rows = commit.Rows;
        _slots.Tell(commit.AttemptsStarted);
        _writing = false;
        _inFlight = [];
        if (commit.State.Ended && !_state.Ended)
            _endedAt = LastSequenceNr;
        foreach (var row in rows)
            _environment.Runs.Count(row, _state);
        _state = commit.State;
        _bytesSince += commit.Bytes;
        foreach (var row in rows)
            _trace.Follow(row, _state);
        for (var i = 0; i < rows.Count; i++)
            Publish(new StoredCommit(first + i, rows[i]), _state.Ended && i == rows.Count - 1);
        foreach (var row in rows)
            foreach (var fact in row.Facts)
            {
                _grants.Follow(fact, _state);
                if (Effects.After(fact, _state) is { } effect)
                    Interpret(effect);
            }

        SettleGrants();
        AnswerAll(answers);
        LoadResults();
        BeginStoreWork();
        AskForPlans();
        ClaimReruns();
        Settle();
        Checkpoint();
        if (!_writing)
            Flush();
    }

    private static void AnswerAll(List<(Pending Pending, Refusal? Refusal)> answers)
    {
        foreach (var (pending, refusal) in answers)
            pending.Answer?.Invoke(refusal);
    }

    private void Interpret(Effect effect)
    {
        switch (effect)
        {
            case Effect.RunAttempt run:
                _workers.Run(run, _trace.Of(run.Attempt));
                break;
            case Effect.BatchFinished finished:
                _waiters.BatchEnded(_state.Batches[finished.Batch].Key!);
                break;
            case Effect.PlanRecovery plan:
                _lacking[plan.Reader] = plan.Lost;
                break;
            case Effect.PlanChange change:
                _changed.UnionWith(change.Objects);
                break;
            case Effect.PipelineBegins:
                _pipelineIsDue = true;
                BeginProgram();
                break;
            case Effect.GoOn:
                (_loaded, _items, _uncollected) = (_loaded.Clear(), _items.Clear(), _uncollected.Clear());
                GoOn();
                BeginProgram();
                break;
            case Effect.OrchestrationFinished:
                _workers.StopAll();
                ForgetPlans();
                _waiters.Ended(_state);
                if (_environment.Catalog.IsNobody())
                    Forget(_endedAt);
                else
                    _environment.Catalog.Tell(new CatalogProtocol.CatchUp(_id, _endedAt));
                break;
        }
    }

    private void AskPipeline(CommitBuilder commit)
    {
        while (commit.PipelineIsDue && commit.State is { Status: OrchestrationStatus.Running, Started.Pipeline: { IsProgram: false } definition })
        {
            commit.PipelineIsDue = false;
            _pipelineIsDue = false;
            if (Driver(definition, commit) is not { } driver)
                return;
            var (decision, missing) = driver.Ask(commit.State, _loaded, _items, _uncollected);
            switch (decision)
            {
                case null:
                    _toLoad = missing;
                    return;
                case PipelineDecision.Run run:
                    foreach (var batch in run.Batches)
                        if (commit.Decide(new AddBatch(Now, batch, _environment.Ids.NextActions(Now, batch.Actions.Length), true)).Refusal is { } refusal)
                            commit.Decide(new Fail(Now, new Failure(refusal.Code, refusal.Message), batch.Key));
                    _items = _items.RemoveRange(run.Batches.Select(b => b.Key!));
                    Want(run);
                    foreach (var skip in run.Skips)
                        commit.Decide(new SkipStep(Now, skip.Step, skip.Reason));
                    break;
                case PipelineDecision.Complete complete:
                    commit.Decide(new Complete(Now, complete.Output, true));
                    break;
                case PipelineDecision.Fail fail:
                    commit.Decide(new Fail(Now, fail.Failure, fail.Step));
                    break;
            }

            _loaded = _loaded.Clear();
        }
    }

    private PipelineDriver? Driver(PipelineDefinition definition, CommitBuilder commit)
    {
        if (_driver is not null)
            return _driver;
        try
        {
            if (_environment.Pipelines.TryGetValue(definition.Kind, out var factory))
            {
                var pipeline = factory.Create(definition);
                // What any of its actions gets may come back from any other.
                _environment.Secrets.Missing(pipeline.Secrets);
                return _driver = new PipelineDriver(pipeline, _cache);
            }

            commit.Decide(new Fail(Now, new Failure("PIPELINE", $"No pipeline of kind '{definition.Kind}' is registered; add its factory to the options."), null));
        }
        catch (FormatException e)
        {
            commit.Decide(new Fail(Now, new Failure("PIPELINE", e.Message), null));
        }

        return null;
    }

    /// <summary>What keeps a pipeline from being started here; null when nothing does. One that cannot be read fails with its reason once it is started.</summary>
    private Refusal? Obstacle(PipelineDefinition? definition)
    {
        if (definition is { IsProgram: true })
            return _environment.Programs.Contains(definition.Source) ? null : new Refusal("NO_PROGRAM", _environment.Programs.Explain(definition.Source));
        try
        {
            return definition is not null && _environment.Pipelines.TryGetValue(definition.Kind, out var factory)
                && _environment.Secrets.Missing(factory.Create(definition).Secrets) is { Count: > 0 } missing
                ? new Refusal("SECRET_MISSING", _environment.Secrets.Explain(missing))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private void LoadResults()
    {
        if (_toLoad.IsEmpty)
            return;
        var batches = _toLoad.Select(number => _state.Batches[number]).ToArray();
        _toLoad = [];
        _loading = true;
        ResultLoader.LoadAllAsync(_environment.Journal, _id, batches)
            .PipeTo(Self, success: results => new Loaded(results, null), failure: e => new Loaded(_loaded, e));
    }

    private void OnLoaded(Loaded loaded)
    {
        _loading = false;
        if (loaded.Failure is InvalidDataException failure)
        {
            Report(new Fail(Now, new Failure("STORAGE", $"Results cannot be read back: {failure.Message}"), null));
            return;
        }

        if (loaded.Failure is { } passing)
        {
            // The rows are there; the journal is busy, or this system is ending. An orchestration does not fail for that.
            _log.Warning("Results of {0} cannot be read now ({1}); trying again.", _id, passing.Message);
            _loading = true;
            Timers.StartSingleTimer(LoadTimer, new LoadAgain(), LoadPause);
            return;
        }

        _loaded = _loaded.SetItems(loaded.Results);
        _pipelineIsDue = true;
        Flush();
    }

    /// <summary>Nothing more to store for now: settle slots and timers, and see whether to leave.</summary>
    private void AfterWrite()
    {
        LoadResults();
        BeginStoreWork();
        SettleGrants();
        ClaimReruns();
        Settle();
        var now = Now;
        if (_state.NextDue(now) is { } due)
            Timers.StartSingleTimer(WakeTimer, new Tick(), due - now);
        if (IsIdle())
            Timers.StartSingleTimer(IdleTimer, new Idle(), _environment.Settings.IdleTimeout);
        else
            Timers.Cancel(IdleTimer);
    }

    private void Settle()
    {
        var startable = _foreign is null ? _state.Startable(Now, _workers.Places, _grants.Granted) : 0;
        if (_ticket.IsBounded && HasNothingToRun)
            _ticket.Leave();
        else if (startable > 0 || _pipelineIsDue)
            _ticket.Want();
        _slots.Settle(_ticket.IsIn ? startable : 0);
    }

    // What a pipeline drives keeps its place until its end; what a client drives, while a batch of it is unfinished.
    private bool HasNothingToRun => _foreign is not null || _state.Status != OrchestrationStatus.Running || (_state.Started!.Pipeline is null && _state.Batches.All(b => b.Ended) && !_workers.AnyBusy);

    private void Publish(StoredCommit row, bool last)
    {
        _environment.Catalog.Tell(new CatalogProtocol.Stored(_id, row));
        _waiters.Publish(_id, row, last);
    }

    /// <summary>Writes the state as rows of its own once as much has been stored since the last time as it is large, then a snapshot that points there.</summary>
    private void Checkpoint()
    {
        if (_state.Ended || _bytesSince < Math.Max(CheckpointBytes, _checkpoint?.Bytes ?? 0))
            return;
        var before = LastSequenceNr;
        var pieces = StateJson.Write(_state).Select((json, i) => new CheckpointPiece(i, json)).ToArray();
        var head = new CheckpointHead(pieces.Length, pieces.Sum(p => (long)p.Json.Length));
        _writing = true;
        StoreRows(pieces, 0, () =>
        {
            for (var i = 1; i <= pieces.Length; i++)
                Publish(new StoredCommit(before + i, new Commit([])), false);
            _writing = false;
            _checkpoint = head;
            _bytesSince = 0;
            SnapshotStore.Tell(new SaveSnapshot(new SnapshotMetadata(PersistenceId, before, Now.UtcDateTime), head), Self);
            Flush();
        });
    }

    // One that belongs elsewhere stays: leaving would tell the index that it sleeps, and its own process would not wake it.
    private bool IsIdle() => !_writing && !_ticket.IsWaiting && !_loading && !IsPlanning && _state.Reruns.IsEmpty && _storing.Count == 0 && !_grants.IsWaiting && _foreign is null && _program is null && _gathered.Count == 0 && !_workers.AnyBusy && !_waiters.Any
        && (_state.Ended ? _forgotten : _state.Startable(Now, 1) == 0 && (_state.NextDue(Now) is not { } due || due - Now > ShortWait));

    private void Leave()
    {
        if (!IsIdle())
        {
            Context.Parent.Tell(new RegionProtocol.Stay(_id));
            return;
        }

        if (_state.Status == OrchestrationStatus.Running)
        {
            Context.Parent.Tell(new RegionProtocol.Asleep(_id));
            _index.Tell(new IndexProtocol.Sleep(_id, _state.NextDue(Now) is { } due ? due - WakeAhead : DateTimeOffset.MaxValue));
        }
        else if (_state.Status == OrchestrationStatus.None)
            _index.Tell(new IndexProtocol.Remove(_id));
        Context.Stop(Self);
    }

    private void Forget(long sequenceNr)
    {
        if (!_state.Ended || sequenceNr < _endedAt || _forgotten)
            return;
        _forgotten = true;
        _index.Tell(new IndexProtocol.Remove(_id));
        AfterWrite();
    }
}
