using Akka.Actor;
using Orchestration.Actors.Awaiting;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Namespaces;
using Orchestration.Actors.Secrets;
using Orchestration.Actors.Telemetry;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Orchestrators;

/// <summary>What every orchestrator of a system works with.</summary>
/// <param name="Settings">The numbers in force.</param>
/// <param name="Platform">Where actions run.</param>
/// <param name="Owner">This process, as stored when it takes an orchestration over.</param>
/// <param name="Invoker">How actions are invoked.</param>
/// <param name="Pipelines">Kinds of pipelines by name.</param>
/// <param name="Programs">The application's programs.</param>
/// <param name="Ids">Draws action ids.</param>
/// <param name="Journal">Reads rows back.</param>
/// <param name="Namespace">Gives out slots.</param>
/// <param name="Looks">Looks at activations that are awaited.</param>
/// <param name="Awaited">How many those are, and how long actions usually take.</param>
/// <param name="Requests">Counts what is sent to OpenWhisk.</param>
/// <param name="Runs">Counts what is stored.</param>
/// <param name="Admission">Bounds how many orchestrations run; nobody when any number may.</param>
/// <param name="Objects">Has the mailboxes of shared objects.</param>
/// <param name="Catalog">Takes stored rows; nobody when there is no catalog.</param>
/// <param name="Reruns">Says which orchestration runs a producer again.</param>
/// <param name="Secrets">Puts values of secrets into requests.</param>
/// <param name="ObjectStore">Where pipelines read items and write results, and where lost objects are found missing; null when there is none.</param>
/// <param name="History">Tells who wrote an object in other orchestrations; null when the catalog cannot.</param>
/// <param name="Leases">Who owns what, where several processes share the storage; null when it is this process's alone.</param>
internal sealed record OrchestratorEnvironment(
    OrchestrationSettings Settings,
    Platform Platform,
    string Owner,
    IActionInvoker Invoker,
    IReadOnlyDictionary<string, IPipelineFactory> Pipelines,
    Programs Programs,
    IdSource Ids,
    JournalReader Journal,
    IActorRef Namespace,
    IActorRef Looks,
    AwaitedActivations Awaited,
    RequestMeter Requests,
    RunMeter Runs,
    IActorRef Admission,
    IActorRef Objects,
    IActorRef Catalog,
    IActorRef Reruns,
    SecretVault Secrets,
    IObjectStore? ObjectStore,
    IObjectHistory? History,
    ILeaseStore? Leases);

/// <summary>Draws MongoDB ObjectIds: 40 random bits per process, and a counter that starts at a random number. Safe for many threads.</summary>
internal sealed class IdSource
{
    private readonly ulong _random = (ulong)Random.Shared.NextInt64();
    private int _counter = Random.Shared.Next();

    public OrchestrationId NextOrchestration(DateTimeOffset now) => OrchestrationId.Parse(Next(now, 1));

    /// <summary>Draws as many action ids as a batch needs.</summary>
    /// <param name="now">The time.</param>
    /// <param name="count">How many; the ids count up from the one returned.</param>
    /// <returns>The first id.</returns>
    public ActionId NextActions(DateTimeOffset now, int count) => ActionId.Parse(Next(now, Math.Max(1, count)));

    private string Next(DateTimeOffset now, int count) => ObjectIdText.Compose(now, _random, (uint)(Interlocked.Add(ref _counter, count) - count));
}
