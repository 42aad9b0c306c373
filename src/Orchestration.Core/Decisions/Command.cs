using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Decisions;

/// <summary>Something asked of one orchestration. Time, ids and random numbers come with it, so that deciding is pure.</summary>
/// <param name="Time">When, UTC.</param>
public abstract record Command(DateTimeOffset Time);

/// <summary>Start the orchestration; doing so twice with the same content is one start.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Platform">Where it runs.</param>
/// <param name="Pipeline">What makes its batches; null when a client adds them.</param>
/// <param name="ClientData">Kept with it unread.</param>
/// <param name="Owner">The process that will run it.</param>
public sealed record Start(DateTimeOffset Time, OrchestrationId Id, string Name, Platform Platform, PipelineDefinition? Pipeline, JsonBytes ClientData, string Owner) : Command(Time);

/// <summary>Take the orchestration over after a recovery.</summary>
/// <param name="Time">When.</param>
/// <param name="Owner">The process that takes over.</param>
/// <param name="Platform">Where that process runs actions; another one than the stored is refused.</param>
public sealed record TakeOver(DateTimeOffset Time, string Owner, Platform Platform) : Command(Time);

/// <summary>Add a batch.</summary>
/// <param name="Time">When.</param>
/// <param name="Batch">The batch; its key is set.</param>
/// <param name="FirstId">The id of its first action; the others count up from it.</param>
/// <param name="FromPipeline">Whether the orchestration's own pipeline asks.</param>
public sealed record AddBatch(DateTimeOffset Time, BatchSpec Batch, ActionId FirstId, bool FromPipeline) : Command(Time);

/// <summary>Start attempts of actions that are ready.</summary>
/// <param name="Time">When.</param>
/// <param name="Places">At most so many: slots held and free actors.</param>
public sealed record StartAttempts(DateTimeOffset Time, int Places) : Command(Time)
{
    /// <summary>Which of the actions that share objects with other writers have all their grants.</summary>
    public GrantedWrites Grants { get; init; } = GrantedWrites.None;
}

/// <summary>Close what waits in batches whose time is up, or that fail fast and had a failure.</summary>
/// <param name="Time">When.</param>
public sealed record CloseBatches(DateTimeOffset Time) : Command(Time);

/// <summary>Pass a step of the pipeline over.</summary>
/// <param name="Time">When.</param>
/// <param name="Step">The key that its batch would have had.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record SkipStep(DateTimeOffset Time, string Step, string Reason) : Command(Time);

/// <summary>The results of an ended batch were written to the object store.</summary>
/// <param name="Time">When.</param>
/// <param name="Key">The batch's key.</param>
/// <param name="Object">What the store says of the object.</param>
public sealed record ReportCollected(DateTimeOffset Time, string Key, ObjectInfo Object) : Command(Time);

/// <summary>An attempt's activation was accepted and goes on.</summary>
/// <param name="Time">When.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="ActivationId">Its id at the platform.</param>
public sealed record ReportAccepted(DateTimeOffset Time, AttemptRef Attempt, string ActivationId) : Command(Time);

/// <summary>An attempt ended.</summary>
/// <param name="Time">When.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Reply">How; never <see cref="InvokeReply.Accepted"/>.</param>
/// <param name="Random">A number in [0, 1) for the delay before a retry.</param>
public sealed record ReportEnd(DateTimeOffset Time, AttemptRef Attempt, InvokeReply Reply, double Random) : Command(Time)
{
    /// <summary>How lost objects are made again; null: they are not, and a lost object is a failure like any other.</summary>
    public RecoveryPolicy? Recovery { get; init; }
}

/// <summary>Start what makes lost objects again.</summary>
/// <param name="Time">When.</param>
/// <param name="Readers">The actions that the plan is for; those that do not wait for one any more are passed over.</param>
/// <param name="Plan">The plan for all objects that they lack.</param>
/// <param name="AsOf">The sequence number of the last row that the plan knows of.</param>
/// <param name="Policy">The bounds.</param>
public sealed record StartRecovery(DateTimeOffset Time, ImmutableArray<Place> Readers, RecoveryPlan Plan, long AsOf, RecoveryPolicy Policy) : Command(Time);

/// <summary>It is this orchestration's turn to run producers again.</summary>
/// <param name="Time">When.</param>
/// <param name="Places">The re-runs; those that do not wait for their turn are passed over.</param>
public sealed record GrantReruns(DateTimeOffset Time, ImmutableArray<Place> Places) : Command(Time);

/// <summary>What re-runs were to make is there without them.</summary>
/// <param name="Time">When.</param>
/// <param name="Places">The re-runs; those that do not wait for their turn are passed over.</param>
/// <param name="By">The orchestration that ran the producers meanwhile; null when that is not known.</param>
public sealed record ReportMadeElsewhere(DateTimeOffset Time, ImmutableArray<Place> Places, OrchestrationId? By) : Command(Time);

/// <summary>Run again what had read objects that came out different.</summary>
/// <param name="Time">When.</param>
/// <param name="Objects">The objects.</param>
/// <param name="Readers">Actions that are done and read them, in the order in which they are to run.</param>
/// <param name="Policy">The bounds.</param>
public sealed record RunReadersAgain(DateTimeOffset Time, ImmutableArray<ObjectKey> Objects, ImmutableArray<LineageAction> Readers, RecoveryPolicy Policy) : Command(Time);

/// <summary>The actor that ran an attempt failed unexpectedly; the crash rule decides what follows.</summary>
/// <param name="Time">When.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Reason">What the actor threw.</param>
public sealed record ReportCrash(DateTimeOffset Time, AttemptRef Attempt, string Reason) : Command(Time);

/// <summary>Complete the orchestration.</summary>
/// <param name="Time">When.</param>
/// <param name="Output">What it gives back.</param>
/// <param name="FromPipeline">Whether the orchestration's own pipeline asks.</param>
public sealed record Complete(DateTimeOffset Time, JsonBytes Output, bool FromPipeline) : Command(Time)
{
    /// <summary>Whether a person closes what nobody goes on with: then it completes as it stands, and attempts under way are no longer waited for.</summary>
    public bool Abandoned { get; init; }
}

/// <summary>Go on with an orchestration that has ended: what failed gets fresh retries.</summary>
/// <param name="Time">When.</param>
/// <param name="Step">Only failed actions of this batch, and whatever the orchestration's end had cut off; null for all that failed.</param>
/// <param name="Owner">The process that will run it.</param>
/// <param name="Platform">Where that process runs actions; another one than the stored is refused.</param>
public sealed record RetryFailed(DateTimeOffset Time, string? Step, string Owner, Platform Platform) : Command(Time);

/// <summary>Fail the orchestration.</summary>
/// <param name="Time">When.</param>
/// <param name="Failure">Why.</param>
/// <param name="Step">Which step failed; null when none did.</param>
public sealed record Fail(DateTimeOffset Time, Failure Failure, string? Step) : Command(Time);

/// <summary>Cancel the orchestration; cancelling one that has ended changes nothing.</summary>
/// <param name="Time">When.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record Cancel(DateTimeOffset Time, string Reason) : Command(Time);

/// <summary>Names one attempt of one action within its orchestration.</summary>
/// <param name="Batch">The batch's number.</param>
/// <param name="Index">The action's place in the batch.</param>
/// <param name="Number">The attempt's number, from 1 up.</param>
public readonly record struct AttemptRef(int Batch, int Index, int Number);
