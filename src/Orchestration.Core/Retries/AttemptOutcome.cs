using System.Collections.Frozen;

namespace Orchestration.Core.Retries;

/// <summary>How an attempt ended.</summary>
public enum AttemptOutcome
{
    /// <summary>The action returned a result without <c>error</c>.</summary>
    Success,

    /// <summary>The action returned <c>error</c> (OpenWhisk's "application error").</summary>
    ApplicationError,

    /// <summary>The action crashed or gave no valid reply (OpenWhisk's "action developer error").</summary>
    DeveloperError,

    /// <summary>The platform failed while running it (OpenWhisk's "whisk internal error").</summary>
    WhiskError,

    /// <summary>It ran into the action's time limit or the policy's attempt timeout.</summary>
    Timeout,

    /// <summary>It was accepted, but no record appeared within its time limit plus grace.</summary>
    Lost,

    /// <summary>OpenWhisk answered 429, or the namespace's queue here was full. Uses up no retry.</summary>
    Throttled,

    /// <summary>OpenWhisk could not be reached or answered 503; nothing was started. Uses up no retry.</summary>
    Unavailable,

    /// <summary>The request was sent and no answer tells whether it was started.</summary>
    Unknown,

    /// <summary>OpenWhisk refused the request for good (400, 401, 403, 404, 409, 413, 415). Never retried.</summary>
    Rejected,

    /// <summary>The orchestrator died before it knew the activation's id. Uses up no retry.</summary>
    Interrupted,

    /// <summary>The actor that ran it failed unexpectedly before the activation's id was known. Uses up no retry.</summary>
    Crashed,

    /// <summary>An object that it needs was not in the store; nothing was sent.</summary>
    InputMissing,

    /// <summary>The orchestration was cancelled, or failed elsewhere, while it ran.</summary>
    Cancelled,
}

/// <summary>The names of the outcomes as they stand in facts, reports and workflow files.</summary>
public static class AttemptOutcomes
{
    private static readonly (AttemptOutcome Outcome, string Name)[] Names =
    [
        (AttemptOutcome.Success, "success"),
        (AttemptOutcome.ApplicationError, "application_error"),
        (AttemptOutcome.DeveloperError, "developer_error"),
        (AttemptOutcome.WhiskError, "whisk_error"),
        (AttemptOutcome.Timeout, "timeout"),
        (AttemptOutcome.Lost, "lost"),
        (AttemptOutcome.Throttled, "throttled"),
        (AttemptOutcome.Unavailable, "unavailable"),
        (AttemptOutcome.Unknown, "unknown"),
        (AttemptOutcome.Rejected, "rejected"),
        (AttemptOutcome.Interrupted, "interrupted"),
        (AttemptOutcome.Crashed, "crashed"),
        (AttemptOutcome.InputMissing, "input_missing"),
        (AttemptOutcome.Cancelled, "cancelled"),
    ];

    private static readonly FrozenDictionary<AttemptOutcome, string> ByOutcome = Names.ToFrozenDictionary(n => n.Outcome, n => n.Name);
    private static readonly FrozenDictionary<string, AttemptOutcome> ByName = Names.ToFrozenDictionary(n => n.Name, n => n.Outcome);

    /// <summary>The outcomes that a policy may choose to retry or not; the others have fixed rules.</summary>
    public static IReadOnlyList<AttemptOutcome> Selectable { get; } =
    [
        AttemptOutcome.ApplicationError, AttemptOutcome.DeveloperError, AttemptOutcome.WhiskError, AttemptOutcome.Timeout,
        AttemptOutcome.Lost, AttemptOutcome.Unknown,
    ];

    /// <summary>The outcome's name, such as <c>application_error</c>.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>Lower case, words joined by underscores.</returns>
    public static string NameOf(AttemptOutcome outcome) => ByOutcome[outcome];

    /// <summary>Finds an outcome by its name.</summary>
    /// <param name="name">Such as <c>application_error</c>.</param>
    /// <param name="outcome">The outcome, when there is one of that name.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(string name, out AttemptOutcome outcome) => ByName.TryGetValue(name, out outcome);

    /// <summary>Whether the platform may have run the action; what it refused or was never asked took none of its time.</summary>
    /// <param name="outcome">How the attempt ended.</param>
    /// <returns>False for <c>throttled</c>, <c>unavailable</c>, <c>rejected</c> and <c>input_missing</c>.</returns>
    public static bool WasRun(AttemptOutcome outcome) =>
        outcome is not (AttemptOutcome.InputMissing or AttemptOutcome.Throttled or AttemptOutcome.Unavailable or AttemptOutcome.Rejected);
}
