using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.SharedObjects;

/// <summary>One attempt's place in the line of an object; each attempt of an action has a ticket of its own.</summary>
/// <param name="Orchestration">Whose action.</param>
/// <param name="Attempt">Which attempt.</param>
public readonly record struct WriteTicket(OrchestrationId Orchestration, AttemptRef Attempt);

/// <summary>Asks for the right to write an object.</summary>
/// <param name="Ticket">For which attempt.</param>
/// <param name="Action">The action's id; a re-run has that of the action that it repeats.</param>
/// <param name="ActionName">The action's name on OpenWhisk, by which its time limit is known.</param>
public sealed record WriteRequest(WriteTicket Ticket, ActionId Action, string ActionName);

/// <summary>The number that a grant has at its object: each grant's is higher than those before, so that a store can refuse a writer whose time is over.</summary>
/// <param name="Object">Which object.</param>
/// <param name="Number">From 1 up.</param>
public readonly record struct FencingNumber(ObjectKey Object, long Number);

/// <summary>One writer that has completed, in an object's order of writers.</summary>
/// <param name="Action">The action's id.</param>
/// <param name="Ticket">The attempt that wrote.</param>
/// <param name="Number">Its fencing number.</param>
/// <param name="Time">When its end was known here.</param>
public sealed record CompletedWrite(ActionId Action, WriteTicket Ticket, long Number, DateTimeOffset Time);
