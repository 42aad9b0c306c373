using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Admission;
using Orchestration.Actors.Awaiting;
using Orchestration.Actors.Catalog;
using Orchestration.Actors.Client;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Namespaces;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Recovery;
using Orchestration.Actors.Secrets;
using Orchestration.Actors.SharedObjects;
using Orchestration.Actors.Telemetry;
using Orchestration.Core.Facts;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Hosting;

/// <summary>The top of everything of this project in an actor system, <c>/user/orchestration</c>; passes requests on to the region.</summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class OrchestrationGuardian : UntypedActor
#pragma warning restore CA1001
{
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(2);

    private readonly IActionInvoker _invoker;
    private readonly ICatalog? _catalog;
    private readonly ILeaseStore? _leases;
    private readonly RequestMeter _requests;
    private readonly RunMeter _runs;
    private readonly IActorRef _admission;
    private readonly IActorRef _namespace;
    private readonly IActorRef _region;

    public OrchestrationGuardian(OrchestrationSettings settings, Platform platform, string owner, IActionInvoker invoker, ICatalog? catalog, IReadOnlyDictionary<string, IPipelineFactory> pipelines, Programs programs, SecretVault secrets, IObjectStore? store, ILeaseStore? leases)
    {
        (_invoker, _catalog, _leases) = (invoker, catalog, leases);
        var journal = new JournalReader(Context.System, settings.JournalPlugin);
        var awaited = new AwaitedActivations();
        _requests = new RequestMeter(platform);
        _runs = new RunMeter(platform);
        // Without a bound nobody need be asked.
        _admission = settings.MaxActive is { } most ? Context.ActorOf(AdmissionActor.Props(most), "admission") : ActorRefs.Nobody;
        _namespace = Context.ActorOf(NamespaceActor.Props(settings, platform, invoker, _requests), "namespace");
        var looks = Context.ActorOf(LookActor.Props(invoker, awaited, _requests), "looks");
        var projector = catalog is null ? ActorRefs.Nobody : Context.ActorOf(CatalogProjector.Props(catalog, journal, settings), "catalog");
        var objects = Context.ActorOf(ObjectRegion.Props(new ObjectEnvironment(settings, platform.ObjectStore, invoker, Self)), "objects");
        var reruns = Context.ActorOf(RerunActor.Props(settings), "reruns");
        var environment = new OrchestratorEnvironment(settings, platform, owner, invoker, pipelines, programs, new IdSource(), journal, _namespace, looks, awaited, _requests, _runs, _admission, objects, projector, reruns, secrets, store, catalog as IObjectHistory, leases);
        _region = Context.ActorOf(OrchestratorRegion.Props(environment), "orchestrators");
    }

    // What waits for a look would wait for ever if the actor forgot it, and the namespace's ledger is immutable and every message is decided before it is kept: going on with it is safe, and forgetting it is not.
    // How often is not bounded: giving up would leave the process running with nobody to answer; the region paces itself.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
        e is OutOfMemoryException ? Directive.Escalate : Sender.Path.Name is "namespace" or "looks" or "admission" ? Directive.Resume : Directive.Restart);

    protected override void OnReceive(object message)
    {
        if (message is EntityMessage or IndexProtocol.GetUnfinished)
            _region.Forward(message);
        else if (message is SlotProtocol.GetPacing or SlotProtocol.Drain)
            _namespace.Forward(message);
        else if (message is AdmissionProtocol.GetView)
            ForwardToAdmission(message);
        else
            Unhandled(message);
    }

    private void ForwardToAdmission(object message)
    {
        if (_admission.IsNobody())
            Sender.Tell(new AdmissionView(null, [], []));
        else
            _admission.Forward(message);
    }

    protected override void PostStop()
    {
        ReleaseLeases();
        _requests.Dispose();
        _runs.Dispose();
        (_invoker as IDisposable)?.Dispose();
        (_catalog as IDisposable)?.Dispose();
    }

    // All orchestrators have stopped. Without this others would have to wait until the leases run out, and that is all; so a storage that is slow is not waited for.
    private void ReleaseLeases()
    {
        if (_leases is not { } leases)
            return;
        using var patience = new CancellationTokenSource(ReleasePatience);
        try
        {
            Task.Run(() => leases.ReleaseAsync(null, patience.Token)).Wait(ReleasePatience);
        }
        catch (AggregateException e)
        {
            Context.GetLogger().Info("The leases of this process were not given back ({0}); they run out by themselves.", e.InnerException!.Message);
        }
    }
}
