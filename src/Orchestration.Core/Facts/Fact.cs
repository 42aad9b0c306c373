using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Facts;

/// <summary>Something that happened in one orchestration and is stored. State, effects, reports and the catalog all follow from facts alone.</summary>
/// <param name="Time">When, by the orchestrator's clock, UTC.</param>
public abstract record Fact(DateTimeOffset Time);

/// <summary>Which platform an orchestration runs on. Never holds a credential.</summary>
/// <param name="ApiHost">OpenWhisk's base URL, or <c>local</c> for the embedded one.</param>
/// <param name="Namespace">The OpenWhisk namespace, or <c>_</c> for the credential's own.</param>
/// <param name="ObjectStore">The object store's URL (<c>http(s)://…</c> or <c>file:…</c>); empty when there is none.</param>
public sealed record Platform(string ApiHost, string Namespace, string ObjectStore);

/// <summary>The orchestration exists from here on.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name, shared by all runs of one pipeline.</param>
/// <param name="Platform">Where it runs; resuming elsewhere is refused.</param>
/// <param name="Pipeline">The pipeline that makes its batches; null when a client adds them.</param>
/// <param name="ClientData">A JSON value that the starting client keeps with it; the orchestrator does not look inside.</param>
public sealed record OrchestrationStarted(DateTimeOffset Time, OrchestrationId Id, string Name, Platform Platform, PipelineDefinition? Pipeline, JsonBytes ClientData) : Fact(Time);

/// <summary>A process took the orchestration over, stored before it does anything: another process's next write then collides.</summary>
/// <param name="Time">When.</param>
/// <param name="Owner">Host, process id and start of the process.</param>
/// <param name="Epoch">Counts the owners, from 1 up; the first owner is the one that started it.</param>
public sealed record Resumed(DateTimeOffset Time, string Owner, int Epoch) : Fact(Time);

/// <summary>Some actions of a batch, in order; nothing of the batch runs before <see cref="BatchSealed"/>.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number, from 0 up.</param>
/// <param name="FirstIndex">The place in the batch of the first action here.</param>
/// <param name="FirstId">The id of the first action here; the others count up from it (<see cref="ActionId.Plus"/>).</param>
/// <param name="Actions">The actions.</param>
public sealed record ActionsAdded(DateTimeOffset Time, int Batch, int FirstIndex, ActionId FirstId, ImmutableArray<ActionSpec> Actions) : Fact(Time)
{
    /// <summary>The id of one of the actions here.</summary>
    /// <param name="i">Its place in <see cref="Actions"/>.</param>
    /// <returns>The id of the action that it re-runs, or else one of its own.</returns>
    public ActionId IdOf(int i) => Actions[i].Job?.ActionId ?? FirstId.Plus(i);

    /// <inheritdoc />
    public bool Equals(ActionsAdded? other) => other is not null && Time == other.Time && Batch == other.Batch
        && FirstIndex == other.FirstIndex && FirstId == other.FirstId && Actions.SequenceEqual(other.Actions);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, FirstIndex, FirstId);
}

/// <summary>The batch is whole and may run.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Key">What it is called in its orchestration; a workflow's step id.</param>
/// <param name="Hash">Hash of names, parameters and options; the same key with another hash is the error <c>BATCH_CHANGED</c>.</param>
/// <param name="Count">How many actions it has.</param>
/// <param name="Options">How it runs.</param>
public sealed record BatchSealed(DateTimeOffset Time, int Batch, string Key, string Hash, int Count, BatchOptions Options) : Fact(Time)
{
    /// <summary>What of the object store its actions were made from; null when nothing was.</summary>
    public ItemSource? Source { get; init; }

    /// <summary>Whether it makes lost objects again: its actions are re-runs (<see cref="RecoveryJob"/>).</summary>
    public bool Recovery { get; init; }
}

/// <summary>An attempt is about to be sent: exactly one POST follows this fact.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="ActionId">The action's id.</param>
/// <param name="Attempt">Counts the action's attempts, from 1 up.</param>
/// <param name="Queued">How long the action was ready and waited for a place, a slot or a grant.</param>
public sealed record AttemptStarted(DateTimeOffset Time, int Batch, int Index, ActionId ActionId, int Attempt, TimeSpan Queued) : Fact(Time)
{
    /// <summary>The grants of the objects that it writes together with others, in the order of the objects' names.</summary>
    public ImmutableArray<FencingNumber> Fencing { get; init; } = [];

    /// <summary>How much of <see cref="Queued"/> it waited for these grants.</summary>
    public TimeSpan WaitedForGrant { get; init; }

    /// <inheritdoc />
    public bool Equals(AttemptStarted? other) => other is not null && Time == other.Time && (Batch, Index, Attempt) == (other.Batch, other.Index, other.Attempt)
        && ActionId == other.ActionId && Queued == other.Queued && WaitedForGrant == other.WaitedForGrant && Fencing.SequenceEqual(other.Fencing);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, Index, Attempt, ActionId);
}

/// <summary>OpenWhisk accepted the activation and will finish it later; from here on it is awaited, never invoked again.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="ActivationId">OpenWhisk's id of it.</param>
public sealed record ActivationAccepted(DateTimeOffset Time, int Batch, int Index, int Attempt, string ActivationId) : Fact(Time);

/// <summary>When an activation ran, by the platform's clock.</summary>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end.</param>
public sealed record ActivationTiming(DateTimeOffset Start, DateTimeOffset End);

/// <summary>The attempt gave a result; the action is done.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="ActivationId">OpenWhisk's id of it; null when it is not known.</param>
/// <param name="Timing">When it ran; null when the platform did not tell.</param>
/// <param name="Result">What the action returned, without the reserved member.</param>
/// <param name="Objects">What it read, wrote and missed.</param>
public sealed record AttemptSucceeded(DateTimeOffset Time, int Batch, int Index, int Attempt, string? ActivationId, ActivationTiming? Timing, JsonBytes Result, ObjectReport Objects) : Fact(Time);

/// <summary>The attempt failed; the next step is recorded with it.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="ActivationId">OpenWhisk's id of it; null when it is not known.</param>
/// <param name="Timing">When it ran; null when the platform did not tell.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Failure">Why.</param>
/// <param name="Objects">What it read, wrote and missed.</param>
/// <param name="RetryAt">When the next attempt is due; null when the action has failed for good.</param>
/// <param name="UsedRetry">Whether the next attempt uses up one of the action's retries.</param>
public sealed record AttemptFailed(DateTimeOffset Time, int Batch, int Index, int Attempt, string? ActivationId, ActivationTiming? Timing, AttemptOutcome Outcome, Failure Failure, ObjectReport Objects, DateTimeOffset? RetryAt, bool UsedRetry) : Fact(Time)
{
    /// <summary>The objects whose absence failed it; the next attempt waits until they are there again. None: it does not wait for objects.</summary>
    public ImmutableArray<ObjectKey> Lost { get; init; } = [];

    /// <summary>Whether the action has failed for good.</summary>
    public bool IsFinal => RetryAt is null && Lost.IsEmpty;

    /// <inheritdoc />
    public bool Equals(AttemptFailed? other) => other is not null && Time == other.Time && (Batch, Index, Attempt) == (other.Batch, other.Index, other.Attempt)
        && ActivationId == other.ActivationId && Timing == other.Timing && Outcome == other.Outcome && Failure == other.Failure && Objects == other.Objects
        && RetryAt == other.RetryAt && UsedRetry == other.UsedRetry && Lost.SequenceEqual(other.Lost);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, Index, Attempt, Outcome);
}

/// <summary>An action that lacked objects now waits for those that make them again.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="After">The re-runs that it waits for; none when the objects are there after all.</param>
public sealed record InputsPlanned(DateTimeOffset Time, int Batch, int Index, ImmutableArray<Place> After) : Fact(Time)
{
    /// <inheritdoc />
    public bool Equals(InputsPlanned? other) => other is not null && (Time, Batch, Index) == (other.Time, other.Batch, other.Index) && After.SequenceEqual(other.After);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, Index, After.Length);
}

/// <summary>It is this orchestration's turn, of all that wait for a producer, to run it again.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The re-run's place in the batch.</param>
public sealed record RerunGranted(DateTimeOffset Time, int Batch, int Index) : Fact(Time);

/// <summary>A re-run is done without an attempt of its own: what it was to make is there.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The re-run's place in the batch.</param>
/// <param name="By">The orchestration that ran the producer meanwhile; null when it is not known who made the objects.</param>
public sealed record MadeElsewhere(DateTimeOffset Time, int Batch, int Index, OrchestrationId? By) : Fact(Time);

/// <summary>An action that waited for objects has failed for good: they cannot be made again.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Failure">Why, with the path from the object at fault to this action.</param>
public sealed record InputsLost(DateTimeOffset Time, int Batch, int Index, Failure Failure) : Fact(Time);

/// <summary>Objects came out different when they were made again; what had read them is to run again.</summary>
/// <param name="Time">When.</param>
/// <param name="Objects">Which objects.</param>
public sealed record ObjectsChanged(DateTimeOffset Time, ImmutableArray<ObjectKey> Objects) : Fact(Time)
{
    /// <inheritdoc />
    public bool Equals(ObjectsChanged? other) => other is not null && Time == other.Time && Objects.SequenceEqual(other.Objects);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Objects.Length);
}

/// <summary>It is settled what runs again because of changed objects; the batch of it came before, when there is any.</summary>
/// <param name="Time">When.</param>
/// <param name="Objects">Which objects.</param>
public sealed record ChangePlanned(DateTimeOffset Time, ImmutableArray<ObjectKey> Objects) : Fact(Time)
{
    /// <inheritdoc />
    public bool Equals(ChangePlanned? other) => other is not null && Time == other.Time && Objects.SequenceEqual(other.Objects);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Objects.Length);
}

/// <summary>An outcome of an attempt that was closed before; recorded, not used.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="ActivationId">OpenWhisk's id of it; null when it is not known.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record LateOutcome(DateTimeOffset Time, int Batch, int Index, int Attempt, string? ActivationId, AttemptOutcome Outcome) : Fact(Time);

/// <summary>Actions that follow each other in their batch.</summary>
/// <param name="First">The place of the first.</param>
/// <param name="Count">How many, at least one.</param>
public readonly record struct IndexRange(int First, int Count);

/// <summary>Actions that were not running have failed for good without a further attempt: their batch fails fast, or its time is up.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Ranges">Which actions, in their order.</param>
/// <param name="Failure">Why; of each of them.</param>
public sealed record ActionsClosed(DateTimeOffset Time, int Batch, ImmutableArray<IndexRange> Ranges, Failure Failure) : Fact(Time)
{
    /// <inheritdoc />
    public bool Equals(ActionsClosed? other) => other is not null && Time == other.Time && Batch == other.Batch
        && Ranges.SequenceEqual(other.Ranges) && Failure == other.Failure;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, Ranges.Length, Failure);

    /// <summary>The places of the actions, in their order.</summary>
    /// <returns>Each place once.</returns>
    public IEnumerable<int> Indexes() => Ranges.SelectMany(r => Enumerable.Range(r.First, r.Count));
}

/// <summary>Every action of the batch has succeeded or failed for good.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
public sealed record BatchEnded(DateTimeOffset Time, int Batch) : Fact(Time);

/// <summary>The results of an ended batch were written to the object store, as JSON lines in the order of its actions.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Object">Where they are.</param>
/// <param name="Size">Bytes written.</param>
/// <param name="ETag">The object's version; null when the store told none.</param>
public sealed record ResultsCollected(DateTimeOffset Time, int Batch, ObjectKey Object, long Size, string? ETag) : Fact(Time);

/// <summary>The pipeline passes a step over: it will have no batch.</summary>
/// <param name="Time">When.</param>
/// <param name="Step">The key that its batch would have had.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record StepSkipped(DateTimeOffset Time, string Step, string Reason) : Fact(Time);

/// <summary>The orchestration is complete.</summary>
/// <param name="Time">When.</param>
/// <param name="Output">What it gives back; JSON null when nothing.</param>
public sealed record OrchestrationCompleted(DateTimeOffset Time, JsonBytes Output) : Fact(Time);

/// <summary>The orchestration has failed; attempts under way were closed before this fact.</summary>
/// <param name="Time">When.</param>
/// <param name="Failure">Why.</param>
/// <param name="Step">The step that failed; null when no step did.</param>
public sealed record OrchestrationFailed(DateTimeOffset Time, Failure Failure, string? Step) : Fact(Time);

/// <summary>
/// An orchestration that had ended goes on: what failed gets fresh retries, what succeeded stays, and its pipeline is asked again about the steps that it
/// passed over. The actions follow as <see cref="ActionsReopened"/>.
/// </summary>
/// <param name="Time">When.</param>
public sealed record OrchestrationReopened(DateTimeOffset Time) : Fact(Time);

/// <summary>Actions that had failed for good are to run again, with fresh retries; their attempts count on.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="Ranges">Which actions, in their order.</param>
public sealed record ActionsReopened(DateTimeOffset Time, int Batch, ImmutableArray<IndexRange> Ranges) : Fact(Time)
{
    /// <inheritdoc />
    public bool Equals(ActionsReopened? other) => other is not null && Time == other.Time && Batch == other.Batch && Ranges.SequenceEqual(other.Ranges);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Time, Batch, Ranges.Length);

    /// <summary>The places of the actions, in their order.</summary>
    /// <returns>Each place once.</returns>
    public IEnumerable<int> Indexes() => Ranges.SelectMany(r => Enumerable.Range(r.First, r.Count));
}

/// <summary>The orchestration was cancelled; attempts under way were closed before this fact.</summary>
/// <param name="Time">When.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record OrchestrationCancelled(DateTimeOffset Time, string Reason) : Fact(Time);
