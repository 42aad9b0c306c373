using Orchestration.Core.Identity;

namespace Orchestration.ObjectStore;

/// <summary>Which attempt of which action uses a store, as an invocation's <c>context</c> and <c>__orchestration</c> tell it.</summary>
/// <param name="OrchestrationId">The orchestration.</param>
/// <param name="ActionId">The action.</param>
/// <param name="Attempt">The attempt's number, from 1 up.</param>
public sealed record ActionContext(OrchestrationId OrchestrationId, ActionId ActionId, int Attempt);
