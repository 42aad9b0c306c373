using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.State;

namespace Orchestration.Core.Reports;

/// <summary>
/// What one orchestration did, from its facts alone: the metrics at completion, and the same of a run that has not ended.
/// <c>docs/report.md</c> tells what each number means; <see cref="ReportJson"/> writes it.
/// </summary>
/// <param name="Id">The orchestration.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">Where it stands; never <see cref="OrchestrationStatus.None"/>.</param>
/// <param name="Error">Why it failed or was cancelled; null when it did not.</param>
/// <param name="StartedAt">When it started, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC; null while it has not.</param>
/// <param name="TimeTaken">From start to end; while it runs, to the latest fact.</param>
/// <param name="ActionTimeTaken">The durations of all ended attempts together.</param>
/// <param name="InputSize">Bytes of the object that was read but never written in this run (of several, the one whose last read is earliest); null when there is none.</param>
/// <param name="Output">What the orchestration gave back; JSON null before it is complete.</param>
/// <param name="Steps">The pipeline's steps in its order, then other batches in the order they were added.</param>
/// <param name="Actions">The actions, batch by batch in the order they were added.</param>
/// <param name="Objects">The objects read or written, in the order the facts first name them.</param>
/// <param name="Totals">Sums over all of it.</param>
public sealed record OrchestrationReport(
    OrchestrationId Id,
    string Name,
    OrchestrationStatus Status,
    ReportError? Error,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    TimeSpan TimeTaken,
    TimeSpan ActionTimeTaken,
    long? InputSize,
    JsonBytes Output,
    ImmutableArray<StepReport> Steps,
    ImmutableArray<ActionReport> Actions,
    ImmutableArray<ObjectUsage> Objects,
    ReportTotals Totals)
{
    /// <summary>Makes the report of one orchestration; <see cref="ReportFold"/> does the same for commits that arrive one by one.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="commits">Its commits from the first on, read once, in order.</param>
    /// <returns>The report.</returns>
    /// <exception cref="InvalidOperationException">The commits do not hold the orchestration's start.</exception>
    public static OrchestrationReport From(OrchestrationId id, IEnumerable<Commit> commits)
    {
        ArgumentNullException.ThrowIfNull(commits);
        var fold = new ReportFold(id);
        foreach (var commit in commits)
            fold.Add(commit);
        return fold.ToReport();
    }

    /// <summary>The same report without what went into the actions and came out of them, which may be large or confidential.</summary>
    /// <returns>A report whose actions have JSON null for parameters and result.</returns>
    public OrchestrationReport WithoutBodies() => this with { Actions = [.. Actions.Select(action => action with { Body = JsonBytes.Null, Result = JsonBytes.Null })] };
}

/// <summary>Why an orchestration failed or was cancelled.</summary>
/// <param name="Code">A short name, <c>CANCELLED</c> after a cancel; null when none was given.</param>
/// <param name="Message">For people.</param>
/// <param name="Step">The step that failed; null when no step did.</param>
public sealed record ReportError(string? Code, string Message, string? Step);

/// <summary>Where a step stands.</summary>
public enum StepStatus
{
    /// <summary>Its actions are not known yet; the orchestration runs.</summary>
    Waiting,

    /// <summary>Its actions run.</summary>
    Running,

    /// <summary>All its actions succeeded, or it had none.</summary>
    Completed,

    /// <summary>One of its actions failed for good, or the orchestration failed because of it.</summary>
    Failed,

    /// <summary>Its pipeline passed it over, or the orchestration completed or failed without it.</summary>
    Skipped,

    /// <summary>The orchestration ended before it did.</summary>
    Cancelled,
}

/// <summary>One step: a batch, or a step of the pipeline that has no batch yet.</summary>
/// <param name="Id">The batch's key, in a workflow the step's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Items">How many actions it has.</param>
/// <param name="Failed">How many of them have failed for good, those that a cancel closed among them.</param>
public sealed record StepReport(string Id, StepStatus Status, int Items, int Failed)
{
    /// <summary>Why the pipeline passed it over; null when it did not.</summary>
    public string? Reason { get; init; }

    /// <summary>What of the object store its items were read from; null when they were not.</summary>
    public Actions.ItemSource? Source { get; init; }

    /// <summary>Where its results were written; null when they were not.</summary>
    public Objects.ObjectKey? Collected { get; init; }
}

/// <summary>One action over all its attempts.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Step">The key of its batch.</param>
/// <param name="Index">Its place in the batch, from 0 up.</param>
/// <param name="Name">Its name on OpenWhisk.</param>
/// <param name="Body">Its parameters, a JSON object.</param>
/// <param name="Success">Whether it succeeded; null while it is not done.</param>
/// <param name="Result">What it returned; JSON null unless it succeeded.</param>
/// <param name="Error">Its last error as a JSON value; JSON null unless it failed for good.</param>
/// <param name="BytesRead">Bytes of objects that all its attempts read.</param>
/// <param name="BytesWritten">Bytes of objects that all its attempts wrote.</param>
/// <param name="Attempts">Its attempts in order.</param>
public sealed record ActionReport(
    ActionId Id,
    string Step,
    int Index,
    string Name,
    JsonBytes Body,
    bool? Success,
    JsonBytes Result,
    JsonBytes Error,
    long BytesRead,
    long BytesWritten,
    ImmutableArray<AttemptReport> Attempts);

/// <summary>One attempt.</summary>
/// <param name="Number">Counts the action's attempts, from 1 up.</param>
/// <param name="ActivationId">OpenWhisk's id of it; null when it is not known.</param>
/// <param name="Queued">How long the action was ready and waited before it.</param>
/// <param name="Start">When it started, UTC: the platform's time when it told, else when the attempt was stored.</param>
/// <param name="End">When it ended, UTC: the platform's time when it told, else when the outcome was known; null while it runs.</param>
/// <param name="Outcome">How it ended (<see cref="Retries.AttemptOutcomes"/> has the names); null while it runs.</param>
/// <param name="Error">Why it failed, as a JSON value; JSON null unless it did.</param>
public sealed record AttemptReport(
    int Number,
    string? ActivationId,
    TimeSpan Queued,
    DateTimeOffset Start,
    DateTimeOffset? End,
    Retries.AttemptOutcome? Outcome,
    JsonBytes Error)
{
    /// <summary>From start to end, never negative; null while it runs.</summary>
    public TimeSpan? Duration => End is { } end ? Spans.Between(Start, end) : null;

    /// <summary>How much of <see cref="Queued"/> it waited for the objects that it shares with other writers.</summary>
    public TimeSpan WaitedForGrant { get; init; }

    /// <summary>Why a re-run was made; null when it is no re-run.</summary>
    public RecoveryCause? Cause { get; init; }
}

/// <summary>Why an action ran again.</summary>
/// <param name="Recovers">The lost objects that it makes again; none when it ran again because what it had read came out different.</param>
/// <param name="For">The actions that wait for them, re-runs or those that found them missing, each once.</param>
public sealed record RecoveryCause(ImmutableArray<Objects.ObjectKey> Recovers, ImmutableArray<ActionId> For);

/// <summary>What making lost objects again took.</summary>
/// <param name="Objects">Distinct objects that were made again or were to be.</param>
/// <param name="ActionTime">The durations of all ended attempts of re-runs together.</param>
/// <param name="BytesRead">Bytes of objects that re-runs read.</param>
/// <param name="BytesWritten">Bytes of objects that re-runs wrote.</param>
public sealed record RecoveryTotals(int Objects, TimeSpan ActionTime, long BytesRead, long BytesWritten)
{
    /// <summary>Nothing was made again.</summary>
    public static RecoveryTotals None { get; } = new(0, TimeSpan.Zero, 0, 0);
}

/// <summary>What happened to one object in this run.</summary>
/// <param name="Object">Which object, <c>bucket/key</c>.</param>
/// <param name="PutTime">When it was first written, UTC; null when it was only read.</param>
/// <param name="GetTime">When it was last read, UTC; null when it was only written.</param>
/// <param name="PutSize">Bytes of the latest write; null when it was only read.</param>
/// <param name="GetSize">Bytes of the latest read; null when it was only written.</param>
/// <param name="Lifetime">From the first write to the last read; null unless it was both written and read.</param>
/// <param name="OrchestrationLifetime">From the first write to the orchestration's end, or while it runs to the latest fact; null when it was only read.</param>
/// <param name="Writers">The actions that wrote it, each once, by their first write.</param>
/// <param name="Readers">The actions that read it, each once, by their first read.</param>
public sealed record ObjectUsage(
    Objects.ObjectKey Object,
    DateTimeOffset? PutTime,
    DateTimeOffset? GetTime,
    long? PutSize,
    long? GetSize,
    TimeSpan? Lifetime,
    TimeSpan? OrchestrationLifetime,
    ImmutableArray<ActionId> Writers,
    ImmutableArray<ActionId> Readers);

/// <summary>Sums over a whole run.</summary>
/// <param name="Actions">Actions of all batches.</param>
/// <param name="Attempts">Attempts started.</param>
/// <param name="Retries">Attempts after an action's first, whatever made them necessary.</param>
/// <param name="Recoveries">Actions run again to make a lost object again.</param>
/// <param name="ObjectsRead">Distinct objects read.</param>
/// <param name="BytesRead">Bytes of all reads.</param>
/// <param name="ObjectsWritten">Distinct objects written.</param>
/// <param name="BytesWritten">Bytes of all writes.</param>
public sealed record ReportTotals(int Actions, int Attempts, int Retries, int Recoveries, int ObjectsRead, long BytesRead, int ObjectsWritten, long BytesWritten)
{
    /// <summary>What the re-runs took.</summary>
    public RecoveryTotals Recovered { get; init; } = RecoveryTotals.None;
}
