using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.State;

/// <summary>Where an action stands.</summary>
public enum ActionPhase
{
    /// <summary>No attempt is under way; one will be.</summary>
    Waiting,

    /// <summary>An attempt was started and has not ended.</summary>
    Running,

    /// <summary>An attempt gave a result.</summary>
    Succeeded,

    /// <summary>No further attempt will be made.</summary>
    Failed,

    /// <summary>Waits for objects that are being made again, or until it is planned how.</summary>
    Blocked,

    /// <summary>A re-run that could start, and waits for its turn among all orchestrations that need it.</summary>
    Claiming,
}

/// <summary>One action of a batch.</summary>
public sealed record ActionState
{
    /// <summary>Its id.</summary>
    public required ActionId Id { get; init; }

    /// <summary>What to run; null once the action has succeeded, as nothing needs it then.</summary>
    public required ActionSpec? Spec { get; init; }

    /// <summary>Where it stands.</summary>
    public ActionPhase Phase { get; init; }

    /// <summary>How many attempts were started; also the number of the latest.</summary>
    public int Attempts { get; init; }

    /// <summary>How many retries of the policy are used up.</summary>
    public int RetriesUsed { get; init; }

    /// <summary>How often the platform turned it away (throttled, unavailable).</summary>
    public int Pushbacks { get; init; }

    /// <summary>How often the actor that ran it failed unexpectedly.</summary>
    public int Crashes { get; init; }

    /// <summary>The id of the activation that is awaited; null when none is known.</summary>
    public string? ActivationId { get; init; }

    /// <summary>When the first attempt started; null before.</summary>
    public DateTimeOffset? FirstStart { get; init; }

    /// <summary>When the latest attempt started; meaningless before the first.</summary>
    public DateTimeOffset LastStart { get; init; }

    /// <summary>Since when it could run; while it waits for a retry, when that is due.</summary>
    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>The sequence number of the journal row that holds its result or last failure; 0 while it is not done.</summary>
    public long DoneAt { get; init; }

    /// <summary>The objects that its latest attempt lacked; none once they were there again.</summary>
    public ImmutableArray<ObjectKey> Lost { get; init; } = [];

    /// <summary>The re-runs that it still waits for, in their order; none while it is blocked: that is still to be planned.</summary>
    public ImmutableArray<Place> After { get; init; } = [];

    /// <summary>How often in a row the objects that it lacked were found to be there.</summary>
    public int FoundThere { get; init; }

    /// <summary>Whether it failed because the orchestration ended while an attempt of it was under way.</summary>
    public bool Cut { get; init; }

    /// <summary>The grants of its latest attempt: while it runs, all of them; after a success, those of what it wrote; after a failure, those that
    /// are not over because its activation may go on.</summary>
    public ImmutableArray<FencingNumber> Fencing { get; init; } = [];

    /// <summary>The activation of the latest attempt that may go on although the attempt was closed; null when there is none or its id is not known.</summary>
    public string? AbandonedActivation { get; init; }

    /// <summary>Whether it has succeeded or failed for good.</summary>
    public bool Done => Phase is ActionPhase.Succeeded or ActionPhase.Failed;
}
