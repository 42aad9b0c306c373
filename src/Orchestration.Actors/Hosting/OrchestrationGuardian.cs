using Akka.Actor;
using Orchestration.Actors.Catalog;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Namespaces;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Secrets;
using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Facts;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Hosting;

/// <summary>The top of everything of this project in an actor system, <c>/user/orchestration</c>; passes requests on to the region.</summary>
internal sealed class OrchestrationGuardian : UntypedActor
{
    private readonly IActionInvoker _invoker;
    private readonly ICatalog? _catalog;
    private readonly IActorRef _region;

    public OrchestrationGuardian(OrchestrationSettings settings, Platform platform, string owner, IActionInvoker invoker, ICatalog? catalog, IReadOnlyDictionary<string, IPipelineFactory> pipelines, SecretVault secrets, IObjectStore? store)
    {
        (_invoker, _catalog) = (invoker, catalog);
        var journal = new JournalReader(Context.System, settings.JournalPlugin);
        var slots = Context.ActorOf(NamespaceActor.Props(settings.MaxInFlight, settings.MaxWaiting), "namespace");
        var projector = catalog is null ? ActorRefs.Nobody : Context.ActorOf(CatalogProjector.Props(catalog, journal, settings), "catalog");
        var objects = Context.ActorOf(ObjectRegion.Props(new ObjectEnvironment(settings, platform.ObjectStore, invoker, Self)), "objects");
        var environment = new OrchestratorEnvironment(settings, platform, owner, invoker, pipelines, new IdSource(), journal, slots, objects, projector, secrets, store, catalog as IObjectHistory);
        _region = Context.ActorOf(OrchestratorRegion.Props(environment), "orchestrators");
    }

    // The namespace's ledger is immutable and every message is decided before it is kept: going on with it is safe, and forgetting it is not.
    // How often is not bounded: giving up would leave the process running with nobody to answer; the region paces itself.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
        e is OutOfMemoryException ? Directive.Escalate : Sender.Path.Name == "namespace" ? Directive.Resume : Directive.Restart);

    protected override void OnReceive(object message)
    {
        if (message is EntityMessage or IndexProtocol.GetUnfinished)
            _region.Forward(message);
        else
            Unhandled(message);
    }

    protected override void PostStop()
    {
        (_invoker as IDisposable)?.Dispose();
        (_catalog as IDisposable)?.Dispose();
    }
}
