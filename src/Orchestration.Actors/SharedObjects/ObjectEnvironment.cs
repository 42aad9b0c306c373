using Akka.Actor;
using Orchestration.Actors.Hosting;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.SharedObjects;

/// <summary>What every mailbox of a shared object works with.</summary>
/// <param name="Settings">The numbers in force.</param>
/// <param name="Store">The object store's URL.</param>
/// <param name="Invoker">Tells time limits, and whether an activation that nobody awaits has ended.</param>
/// <param name="Orchestrators">Where messages for orchestrations go.</param>
internal sealed record ObjectEnvironment(OrchestrationSettings Settings, string Store, IActionInvoker Invoker, IActorRef Orchestrators);
