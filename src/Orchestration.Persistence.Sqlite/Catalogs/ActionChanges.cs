using Orchestration.Core.Facts;
using Orchestration.Core.Retries;
using static Orchestration.Persistence.Sqlite.Catalogs.CatalogText;

namespace Orchestration.Persistence.Sqlite.Catalogs;

/// <summary>
/// What changed about actions and attempts of one orchestration since it was last written: however often something changed, it becomes one statement. Most attempts
/// start and end between two writes, and then take one in place of four.
/// </summary>
internal sealed class ActionChanges
{
    private readonly Dictionary<(int Batch, int Index), ActionChange> _actions = [];
    private readonly Dictionary<(int Batch, int Index, int Attempt), NewAttempt> _attempts = [];

    /// <summary>A new action.</summary>
    public void Add(int batch, int index, string actionId, string name, DateTimeOffset time) =>
        _actions.Add((batch, index), new ActionChange { New = (actionId, name, time), Status = "waiting", Attempts = 0 });

    /// <summary>What changed about an action.</summary>
    public ActionChange Action(int batch, int index)
    {
        if (!_actions.TryGetValue((batch, index), out var change))
            _actions.Add((batch, index), change = new ActionChange());
        return change;
    }

    /// <summary>A new attempt.</summary>
    public void Start(AttemptStarted f) => _attempts.Add((f.Batch, f.Index, f.Attempt), new NewAttempt(f.ActionId.Value, f.Queued, f.Time));

    /// <summary>An attempt that is not written yet; null for one that is.</summary>
    public NewAttempt? NewAttempt(int batch, int index, int attempt) => _attempts.GetValueOrDefault((batch, index, attempt));

    /// <summary>Writes and forgets all of it.</summary>
    public void Write(string id, CatalogWriter rows)
    {
        foreach (var ((batch, index), change) in _actions)
        {
            if (change.New is { } added)
                rows.Run("INSERT INTO actions (orch_id, batch, position, action_id, name, status, created_at, attempts) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
                    id, batch, index, added.ActionId, added.Name, change.Status!, added.Time, change.Attempts!);
            else if (change.Attempts is { } attempts)
                rows.Run("UPDATE actions SET status = $3, attempts = $4 WHERE orch_id = $0 AND batch = $1 AND position = $2", id, batch, index, change.Status!, attempts);
            else
                rows.Run("UPDATE actions SET status = $3 WHERE orch_id = $0 AND batch = $1 AND position = $2", id, batch, index, change.Status!);
        }

        foreach (var ((batch, index, attempt), row) in _attempts)
        {
            if (row.End is { } end)
                rows.Run(
                    """
                    INSERT INTO attempts (orch_id, batch, position, attempt, action_id, queued, started_at, activation_id, ended_at, run_start, run_end, duration, outcome, error_code, error, retry_at)
                    VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                    """,
                    id, batch, index, attempt, row.ActionId, row.Queued.TotalSeconds, row.StartedAt, OrNull(row.ActivationId), end.Time, OrNull(end.Timing?.Start), OrNull(end.Timing?.End),
                    end.Duration, AttemptOutcomes.NameOf(end.Outcome), OrNull(end.Failure?.Code), OrNull(end.Failure?.Message), OrNull(end.RetryAt));
            else
                rows.Run("INSERT INTO attempts (orch_id, batch, position, attempt, action_id, queued, started_at, activation_id) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
                    id, batch, index, attempt, row.ActionId, row.Queued.TotalSeconds, row.StartedAt, OrNull(row.ActivationId));
        }

        Clear();
    }

    /// <summary>Forgets all of it.</summary>
    public void Clear()
    {
        _actions.Clear();
        _attempts.Clear();
    }
}

/// <summary>What changed about an action.</summary>
internal sealed class ActionChange
{
    /// <summary>Its id, its name and when it was added; null for one that is written already.</summary>
    public (string ActionId, string Name, DateTimeOffset Time)? New { get; init; }

    public string? Status { get; set; }

    /// <summary>How many attempts it has; null when that has not changed.</summary>
    public int? Attempts { get; set; }
}

/// <summary>An attempt that is not written yet.</summary>
/// <param name="actionId">Its action.</param>
/// <param name="queued">How long the action was ready before it.</param>
/// <param name="startedAt">When it started.</param>
internal sealed class NewAttempt(string actionId, TimeSpan queued, DateTimeOffset startedAt)
{
    public string ActionId => actionId;

    public TimeSpan Queued => queued;

    public DateTimeOffset StartedAt => startedAt;

    public string? ActivationId { get; set; }

    /// <summary>How it ended; null while it has not.</summary>
    public AttemptEnd? End { get; set; }
}

/// <summary>How an attempt ended.</summary>
/// <param name="Time">When that was stored.</param>
/// <param name="Timing">When it ran, as the platform tells; null when it does not.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Outcome">How.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
/// <param name="RetryAt">When the next one is due; null when none is.</param>
internal sealed record AttemptEnd(DateTimeOffset Time, ActivationTiming? Timing, double Duration, AttemptOutcome Outcome, Failure? Failure, DateTimeOffset? RetryAt);
