using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Reports;

/// <summary>What is gathered about one action.</summary>
internal sealed class ActionTally(ActionId id, int index, ActionSpec spec)
{
    public ActionId Id => id;

    /// <summary>Which action this is a re-run of; null when it is none.</summary>
    public RecoveryJob? Job => spec.Job;

    /// <summary>The actions that wait for this re-run.</summary>
    public List<ActionId> WaitedForBy { get; } = [];

    public bool? Success { get; set; }

    public JsonBytes Result { get; set; }

    public JsonBytes Error { get; set; }

    public long BytesRead { get; set; }

    public long BytesWritten { get; set; }

    public List<AttemptReport> Attempts { get; } = [];

    public void Change(int attempt, Func<AttemptReport, AttemptReport> change) => Attempts[attempt - 1] = change(Attempts[attempt - 1]);

    public void End(int attempt, DateTimeOffset time, string? activationId, ActivationTiming? timing, AttemptOutcome outcome, JsonBytes error) =>
        Change(attempt, a => a with
        {
            ActivationId = activationId ?? a.ActivationId,
            Start = timing?.Start ?? a.Start,
            End = timing?.End ?? time,
            Outcome = outcome,
            Error = error,
        });

    public ActionReport ToReport(string step) =>
        new(id, step, index, spec.Name, spec.Parameters, Success, Result, Error, BytesRead, BytesWritten, [.. Job is { } job ? WithCause(job) : Attempts]);

    private IEnumerable<AttemptReport> WithCause(RecoveryJob job)
    {
        var cause = new RecoveryCause(job.Objects, [.. WaitedForBy.Distinct()]);
        return Attempts.Select(a => a with { Cause = cause });
    }
}
