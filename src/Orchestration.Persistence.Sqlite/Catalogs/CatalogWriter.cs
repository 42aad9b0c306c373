using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Persistence.Sqlite.Storage;
using static Orchestration.Persistence.Sqlite.Catalogs.CatalogText;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>Turns facts into rows. Used by one thread at a time, within a transaction that the caller ends.</summary>
internal sealed class CatalogWriter(SqliteConnection connection) : IDisposable
{
    private const string AtAction = "orch_id = $0 AND batch = $1 AND position = $2";

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PreparedStatement> _statements = new(StringComparer.Ordinal);
    private readonly ActionChanges _changes = new();

    /// <summary>Applies what lies beyond the orchestration's cursor, and moves the cursor.</summary>
    /// <exception cref="InvalidOperationException">A commit does not join the cursor.</exception>
    public void Apply(CatalogBatch batch)
    {
        var id = batch.Id.Value;
        // What an earlier call left that did not come to its end was rolled back with it.
        _changes.Clear();
        var cursor = Cursor(batch.Id);
        var tally = new RunTally();
        var before = cursor;
        foreach (var stored in batch.Commits)
        {
            if (stored.SequenceNr <= cursor)
                continue;
            if (stored.SequenceNr != cursor + 1)
            {
                throw new InvalidOperationException(
                    $"Commit {stored.SequenceNr} of orchestration {id} does not join its cursor {cursor}: apply the commits from {cursor + 1} on first.");
            }

            foreach (var fact in stored.Commit.Facts)
                Apply(id, fact, tally);
            cursor = stored.SequenceNr;
        }

        if (cursor == before)
            return;
        _changes.Write(id, this);
        Run(
            """
            UPDATE runs SET actions = actions + $1, succeeded = succeeded + $2, failed = failed + $3, attempts = attempts + $4,
                            action_time_taken = action_time_taken + $5
            WHERE orch_id = $0
            """,
            id, tally.Actions, tally.Succeeded, tally.Failed, tally.Attempts, tally.ActionTime);
        Run(
            "INSERT INTO cursors (orch_id, sequence_nr) VALUES ($0, $1) ON CONFLICT (orch_id) DO UPDATE SET sequence_nr = excluded.sequence_nr",
            id, cursor);
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        foreach (var statement in _statements.Values)
            statement.Dispose();
    }

    private long Cursor(OrchestrationId id) => (long)Command(CatalogQueries.CursorSql, 1).With(id.Value).ExecuteScalar()!;

    private void Apply(string id, Fact fact, RunTally tally)
    {
        switch (fact)
        {
            case OrchestrationStarted f:
                Run(
                    """
                    INSERT INTO runs (orch_id, name, status, started_at, api_host, namespace, object_store, pipeline)
                    VALUES ($0, $1, 'running', $2, $3, $4, $5, $6)
                    """,
                    id, f.Name, f.Time, f.Platform.ApiHost, f.Platform.Namespace, f.Platform.ObjectStore, OrNull(f.Pipeline?.Kind));
                break;
            case Resumed f:
                Run("UPDATE runs SET owner = $1, epoch = $2 WHERE orch_id = $0", id, f.Owner, f.Epoch);
                break;
            case ActionsAdded f:
                Add(f, tally);
                break;
            case BatchSealed f:
                Run(
                    "INSERT INTO batches (orch_id, batch, step, actions, parallelism, writers, started_at) VALUES ($0, $1, $2, $3, $4, $5, $6)",
                    id, f.Batch, f.Key, f.Count, OrNull(f.Options.Parallelism), f.Options.Writers == Writers.Shared ? "shared" : "single", f.Time);
                break;
            case AttemptStarted f:
                Start(f, tally);
                break;
            case ActivationAccepted f:
                if (_changes.NewAttempt(f.Batch, f.Index, f.Attempt) is { } accepted)
                    accepted.ActivationId = f.ActivationId;
                else
                    Run($"UPDATE attempts SET activation_id = $4 WHERE {AtAction} AND attempt = $3", id, f.Batch, f.Index, f.Attempt, f.ActivationId);
                break;
            case AttemptSucceeded f:
                End(id, f, f.Batch, f.Index, f.Attempt, f.ActivationId, f.Timing, AttemptOutcome.Success, null, null, f.Objects, tally);
                _changes.Action(f.Batch, f.Index).Status = "succeeded";
                tally.Succeeded++;
                break;
            case AttemptFailed f:
                End(id, f, f.Batch, f.Index, f.Attempt, f.ActivationId, f.Timing, f.Outcome, f.Failure, f.RetryAt, f.Objects, tally);
                _changes.Action(f.Batch, f.Index).Status = f.IsFinal ? "failed" : "waiting";
                if (f.IsFinal)
                    tally.Failed++;
                break;
            case LateOutcome f:
                _changes.Write(id, this);
                Run(
                    $"UPDATE attempts SET late_outcome = $4, activation_id = coalesce(activation_id, $5) WHERE {AtAction} AND attempt = $3",
                    id, f.Batch, f.Index, f.Attempt, AttemptOutcomes.NameOf(f.Outcome), OrNull(f.ActivationId));
                break;
            case ActionsClosed f:
                _changes.Write(id, this);
                foreach (var range in f.Ranges)
                {
                    Run(
                        "UPDATE actions SET status = 'failed' WHERE orch_id = $0 AND batch = $1 AND position >= $2 AND position < $3",
                        id, f.Batch, range.First, range.First + range.Count);
                    tally.Failed += range.Count;
                }
                break;
            case ActionsReopened f:
                _changes.Write(id, this);
                foreach (var range in f.Ranges)
                {
                    Run(
                        "UPDATE actions SET status = 'waiting' WHERE orch_id = $0 AND batch = $1 AND position >= $2 AND position < $3",
                        id, f.Batch, range.First, range.First + range.Count);
                    tally.Failed -= range.Count;
                }
                Run("UPDATE batches SET finished_at = NULL WHERE orch_id = $0 AND batch = $1", id, f.Batch);
                break;
            case OrchestrationReopened:
                Run("UPDATE runs SET status = 'running', finished_at = NULL, time_taken = NULL, error_code = NULL, error = NULL, error_step = NULL WHERE orch_id = $0", id);
                break;
            case InputsLost f:
                _changes.Action(f.Batch, f.Index).Status = "failed";
                tally.Failed++;
                break;
            case MadeElsewhere f:
                _changes.Action(f.Batch, f.Index).Status = "succeeded";
                tally.Succeeded++;
                break;
            case RerunGranted:
                break;
            case ResultsCollected or StepSkipped or InputsPlanned or ObjectsChanged or ChangePlanned:
                break;
            case BatchEnded f:
                Run("UPDATE batches SET finished_at = $2 WHERE orch_id = $0 AND batch = $1", id, f.Batch, f.Time);
                break;
            case OrchestrationCompleted:
                Finish(id, fact, "completed", null, null, null);
                break;
            case OrchestrationFailed f:
                Finish(id, fact, "failed", f.Failure.Code, f.Failure.Message, f.Step);
                break;
            case OrchestrationCancelled f:
                Finish(id, fact, "cancelled", null, f.Reason, null);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "The catalog knows no such fact.");
        }
    }

    private void Add(ActionsAdded f, RunTally tally)
    {
        for (var i = 0; i < f.Actions.Length; i++)
            _changes.Add(f.Batch, f.FirstIndex + i, f.IdOf(i).Value, f.Actions[i].Name, f.Time);
        tally.Actions += f.Actions.Length;
    }

    private void Start(AttemptStarted f, RunTally tally)
    {
        _changes.Start(f);
        var action = _changes.Action(f.Batch, f.Index);
        (action.Status, action.Attempts) = ("running", f.Attempt);
        tally.Attempts++;
    }

    private void End(
        string id,
        Fact fact,
        int batch,
        int index,
        int attempt,
        string? activationId,
        ActivationTiming? timing,
        AttemptOutcome outcome,
        Failure? failure,
        DateTimeOffset? retryAt,
        ObjectReport objects,
        RunTally tally)
    {
        var known = _changes.NewAttempt(batch, index, attempt);
        var (start, actionId) = known is null ? StartOf(id, batch, index, attempt) : (known.StartedAt, known.ActionId);
        var duration = (timing is { } t ? t.End - t.Start : fact.Time - start).TotalSeconds;
        tally.ActionTime += duration;
        var end = new AttemptEnd(fact.Time, timing, duration, outcome, failure, retryAt);
        if (known is not null)
        {
            known.ActivationId = activationId ?? known.ActivationId;
            known.End = end;
        }
        else
        {
            Run(
                $"""
                UPDATE attempts SET ended_at = $4, run_start = $5, run_end = $6, duration = $7, outcome = $8, error_code = $9, error = $10,
                                    retry_at = $11, activation_id = coalesce($12, activation_id)
                WHERE {AtAction} AND attempt = $3
                """,
                id, batch, index, attempt, end.Time, OrNull(timing?.Start), OrNull(timing?.End), duration, AttemptOutcomes.NameOf(outcome),
                OrNull(failure?.Code), OrNull(failure?.Message), OrNull(retryAt), OrNull(activationId));
        }
        var number = 0;
        Access(id, batch, index, attempt, actionId, objects.Reads, "read", ref number);
        Access(id, batch, index, attempt, actionId, objects.Writes, "write", ref number);
        Access(id, batch, index, attempt, actionId, objects.Missing, "miss", ref number);
    }

    private (DateTimeOffset Start, string ActionId) StartOf(string id, int batch, int index, int attempt)
    {
        using var reader = Command($"SELECT started_at, action_id FROM attempts WHERE {AtAction} AND attempt = $3", 4)
            .With(id, batch, index, attempt).ExecuteReader();
        return reader.Read()
            ? (Time(reader.GetString(0)), reader.GetString(1))
            : throw new InvalidDataException($"Attempt {attempt} of action {index} in batch {batch} of orchestration {id} ended without having started.");
    }

    private void Access(string id, int batch, int index, int attempt, string actionId, ImmutableArray<ObjectAccess> accesses, string kind, ref int number)
    {
        foreach (var access in accesses)
        {
            Run(
                """
                INSERT INTO objects (orch_id, batch, position, attempt, number, action_id, object, access, size, etag, time)
                VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                id, batch, index, attempt, number++, actionId, access.Object.Value, kind, access.Size, OrNull(access.ETag), access.Time);
        }
    }

    private void Finish(string id, Fact fact, string status, string? code, string? error, string? step)
    {
        var start = Command("SELECT started_at FROM runs WHERE orch_id = $0", 1).With(id).ExecuteScalar() is string text ? Time(text) : fact.Time;
        Run(
            "UPDATE runs SET status = $1, finished_at = $2, time_taken = $3, error_code = $4, error = $5, error_step = $6 WHERE orch_id = $0",
            id, status, fact.Time, (fact.Time - start).TotalSeconds, OrNull(code), OrNull(error), OrNull(step));
    }

    /// <summary>Runs a statement, which is prepared once.</summary>
    public void Run(string sql, params ReadOnlySpan<object> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements.Add(sql, statement = new PreparedStatement(connection, sql, values.Length));
        statement.Run(values);
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
            _prepared.Add(sql, command = SqliteText.Prepare(connection, sql, parameters));
        return command;
    }

    /// <summary>What a call adds to the counters of a run, so that a run's row is written once per call.</summary>
    private sealed class RunTally
    {
        public int Actions { get; set; }

        public int Succeeded { get; set; }

        public int Failed { get; set; }

        public int Attempts { get; set; }

        public double ActionTime { get; set; }
    }
}
