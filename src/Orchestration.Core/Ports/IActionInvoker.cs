using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Ports;

/// <summary>
/// Talks to one OpenWhisk namespace, one request per call: waiting, growing intervals and deadlines are its caller's. Expected failures
/// are values; an exception means a bug. Safe for many concurrent calls.
/// </summary>
public interface IActionInvoker
{
    /// <summary>Sends one POST, never a second one.</summary>
    /// <param name="request">What to invoke.</param>
    /// <param name="cancellation">Gives the call up; the activation goes on at the platform.</param>
    /// <returns>The end of the activation, its id when it goes on, or why it did not start.</returns>
    Task<InvokeReply> InvokeAsync(InvokeRequest request, CancellationToken cancellation);

    /// <summary>Sends one GET for an activation's record.</summary>
    /// <param name="request">What was invoked.</param>
    /// <param name="activationId">The activation's id.</param>
    /// <param name="cancellation">Gives the call up.</param>
    /// <returns>The end of the activation; <see cref="InvokeReply.Accepted"/> while there is no record yet or the platform cannot be reached.</returns>
    Task<InvokeReply> GetActivationAsync(InvokeRequest request, string activationId, CancellationToken cancellation);

    /// <summary>Sends one GET for a page of the namespace's finished activations, to find the ends of many with one request.</summary>
    /// <param name="wanted">What is looked for: requests by the ids of their activations.</param>
    /// <param name="since">The earliest start of the activations to list.</param>
    /// <param name="upTo">The latest start; null for no bound.</param>
    /// <param name="skip">How many of those within the bounds to pass over, the latest first.</param>
    /// <param name="cancellation">Gives the call up.</param>
    /// <returns>Those of the wanted that the page has; by default the platform has no such list.</returns>
    Task<ActivationPage> ListActivationsAsync(IReadOnlyDictionary<string, InvokeRequest> wanted, DateTimeOffset since, DateTimeOffset? upTo, int skip, CancellationToken cancellation) =>
        Task.FromResult(ActivationPage.NotOffered);

    /// <summary>Looks for the record of an invocation whose answer was lost: one that names its action id and attempt. Another's of the same name and time is not taken for it.</summary>
    /// <param name="request">What was invoked.</param>
    /// <param name="since">The earliest start of its activation.</param>
    /// <param name="cancellation">Gives the call up.</param>
    /// <returns>The end of the activation; null when there is no such record, or not yet; by default the platform has no list to look in.</returns>
    Task<InvokeReply?> FindActivationAsync(InvokeRequest request, DateTimeOffset since, CancellationToken cancellation) => Task.FromResult<InvokeReply?>(null);

    /// <summary>How long the platform lets an action run; remembered after the first question.</summary>
    /// <param name="actionName">The action's name as in <see cref="InvokeRequest.Name"/>.</param>
    /// <param name="cancellation">Gives the call up.</param>
    /// <returns>The action's time limit; the platform's greatest default (5 min) when it does not tell.</returns>
    Task<TimeSpan> GetTimeLimitAsync(string actionName, CancellationToken cancellation);

    /// <summary>What the platform tells of the namespace's limits.</summary>
    /// <param name="cancellation">Gives the call up.</param>
    /// <returns>The limits; by default none is told.</returns>
    Task<NamespaceLimits> GetLimitsAsync(CancellationToken cancellation) => Task.FromResult(NamespaceLimits.None);
}

/// <summary>What became of a question for a page of activations.</summary>
public enum PageAnswer
{
    /// <summary>The page was read.</summary>
    Read,

    /// <summary>The platform gave no answer; nothing is known just now.</summary>
    Unreached,

    /// <summary>There is no such list, or not one that can be read: each activation is to be asked for by itself.</summary>
    NotOffered,
}

/// <summary>One page of finished activations, the latest start first.</summary>
/// <param name="Answer">Whether there is one.</param>
/// <param name="Found">The ends of those that were looked for, by activation id.</param>
/// <param name="Count">How many activations the page has, others included.</param>
/// <param name="Oldest">The earliest start on a full page, behind which there may be more; null on the last page.</param>
public sealed record ActivationPage(PageAnswer Answer, IReadOnlyDictionary<string, InvokeReply> Found, int Count, DateTimeOffset? Oldest)
{
    /// <summary>There is no list.</summary>
    public static ActivationPage NotOffered { get; } = new(PageAnswer.NotOffered, new Dictionary<string, InvokeReply>(), 0, null);

    /// <summary>The platform gave no answer.</summary>
    public static ActivationPage Unreached { get; } = NotOffered with { Answer = PageAnswer.Unreached };
}

/// <summary>The limits of a namespace.</summary>
/// <param name="PerMinute">At most so many invocations in a clock minute; null when none is told.</param>
/// <param name="Concurrent">At most so many activations in flight; null when none is told.</param>
/// <param name="Reached">False when the platform gave no answer, so that asking again may help.</param>
public sealed record NamespaceLimits(int? PerMinute, int? Concurrent, bool Reached = true)
{
    /// <summary>None is told.</summary>
    public static NamespaceLimits None { get; } = new(null, null);
}

/// <summary>By which of its limits a platform turned an invocation away.</summary>
public enum PushbackKind
{
    /// <summary>Too many in this clock minute.</summary>
    PerMinute,

    /// <summary>Too many in flight.</summary>
    Concurrency,

    /// <summary>Too many; of what, it does not say.</summary>
    Unspecified,

    /// <summary>It is not there, or says that it is not available; nothing was started.</summary>
    Unavailable,
}

/// <summary>How a platform turned an invocation away.</summary>
/// <param name="Kind">By which limit.</param>
/// <param name="Allowed">The limit, where the refusal names it.</param>
public sealed record Pushback(PushbackKind Kind, int? Allowed = null);

/// <summary>One attempt to send.</summary>
/// <param name="OrchestrationId">Goes into the body's <c>context</c>.</param>
/// <param name="ActionId">Goes into the body's <c>context</c>.</param>
/// <param name="Attempt">Goes into the body's <c>__orchestration</c>, from 1 up.</param>
/// <param name="Name">The action: <c>name</c>, <c>package/name</c> or <c>/namespace/package/name</c>.</param>
/// <param name="Parameters">A JSON object.</param>
public sealed record InvokeRequest(OrchestrationId OrchestrationId, ActionId ActionId, int Attempt, string Name, JsonBytes Parameters)
{
    /// <summary>The grants of the objects that the attempt writes together with others; goes into the body's <c>__orchestration</c>.</summary>
    public ImmutableArray<FencingNumber> Fencing { get; init; } = [];
}

/// <summary>What a request to OpenWhisk gave.</summary>
public abstract record InvokeReply
{
    private InvokeReply()
    {
    }

    /// <summary>The activation was accepted and has no record yet.</summary>
    /// <param name="ActivationId">32 hexadecimal digits.</param>
    /// <param name="Reached">False when the platform gave no answer, so that nothing is known of the activation just now.</param>
    public sealed record Accepted(string ActivationId, bool Reached = true) : InvokeReply;

    /// <summary>The action returned a result.</summary>
    /// <param name="ActivationId">The activation's id; null when the platform did not tell.</param>
    /// <param name="Timing">When it ran; null when the platform did not tell.</param>
    /// <param name="Result">The result without the reserved member.</param>
    /// <param name="Objects">What it read, wrote and missed.</param>
    public sealed record Succeeded(string? ActivationId, ActivationTiming? Timing, JsonBytes Result, ObjectReport Objects) : InvokeReply;

    /// <summary>The action failed, or was not started.</summary>
    /// <param name="ActivationId">The activation's id; null when there is none or the platform did not tell.</param>
    /// <param name="Timing">When it ran; null when it did not.</param>
    /// <param name="Outcome">How it ended.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="Objects">What it read, wrote and missed.</param>
    public sealed record Failed(string? ActivationId, ActivationTiming? Timing, AttemptOutcome Outcome, Failure Failure, ObjectReport Objects) : InvokeReply
    {
        /// <summary>How the platform turned it away; null when it did not.</summary>
        public Pushback? Pushback { get; init; }
    }
}
