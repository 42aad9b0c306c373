using Orchestration.Actors.Client;
using Orchestration.Core.Facts;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Hosting;

/// <summary>
/// What an embedding application sets in code. Numbers that are left null come from the application's HOCON, or else from <c>orchestration.conf</c>.
/// </summary>
public sealed class OrchestrationOptions
{
    private readonly List<IPipelineFactory> _pipelines = [];

    private readonly Dictionary<string, OrchestrationProgram> _programs = new(StringComparer.Ordinal);

    internal IReadOnlyList<IPipelineFactory> Pipelines => _pipelines;

    internal IReadOnlyDictionary<string, OrchestrationProgram> Programs => _programs;

    internal Func<IServiceProvider, IActionInvoker>? Invoker { get; private set; }

    internal Platform? Platform { get; private set; }

    internal Func<IServiceProvider, ICatalog>? Catalog { get; private set; }

    internal Func<IServiceProvider, IObjectStore>? ObjectStore { get; private set; }

    internal Func<IServiceProvider, ISecretSource>? Secrets { get; private set; }

    internal Func<IServiceProvider, ILeaseStore>? Leases { get; private set; }

    /// <summary>At most so many ActionActors per orchestration. HOCON: <c>orchestration.pool-size</c>. Default: 1000.</summary>
    public int? PoolSize { get; set; }

    /// <summary>At most so many activations in flight in the namespace, over all orchestrations of this node. HOCON: <c>orchestration.max-in-flight</c>. Default: 30, OpenWhisk's own.</summary>
    public int? MaxInFlight { get; set; }

    /// <summary>At most so many orchestrations of this node run at once; others are stored and wait their turn. HOCON: <c>orchestration.max-active</c>. Default: any number.</summary>
    public int? MaxActive { get; set; }

    /// <summary>Whether unfinished orchestrations of an earlier process go on by themselves. HOCON: <c>orchestration.resume-on-start</c>. Default: true.</summary>
    public bool? ResumeOnStart { get; set; }

    internal bool InMemoryJournalAllowed { get; private set; }

    /// <summary>Lets runs be stored in memory only, where they end with the process. For tests.</summary>
    /// <returns>These options.</returns>
    public OrchestrationOptions AllowInMemoryJournal()
    {
        InMemoryJournalAllowed = true;
        return this;
    }

    /// <summary>Sets how actions are invoked.</summary>
    /// <param name="invoker">Makes the invoker once per actor system; the system disposes it when it ends.</param>
    /// <param name="platform">Where that is; stored with each orchestration, without credentials.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions UseInvoker(Func<IServiceProvider, IActionInvoker> invoker, Platform platform)
    {
        (Invoker, Platform) = (invoker, platform);
        return this;
    }

    /// <summary>Sets the catalog that is kept up to date with what is stored; without one there is none.</summary>
    /// <param name="catalog">Makes the catalog once per actor system; the system disposes it when it ends.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions UseCatalog(Func<IServiceProvider, ICatalog> catalog)
    {
        Catalog = catalog;
        return this;
    }

    /// <summary>Sets the object store from which pipelines read items and to which they write results; without one, a pipeline that asks for that fails.</summary>
    /// <param name="store">Makes the store once per actor system. It is not disposed with the system, as actions and callers may use it too.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions UseObjectStore(Func<IServiceProvider, IObjectStore> store)
    {
        ObjectStore = store;
        return this;
    }

    /// <summary>Sets where the values of secrets come from; without it, a pipeline that refers to secrets is refused.</summary>
    /// <param name="secrets">Makes the source once per actor system.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions UseSecrets(Func<IServiceProvider, ISecretSource> secrets)
    {
        Secrets = secrets;
        return this;
    }

    /// <summary>
    /// Lets several processes work on one storage: each orchestration is run by the process that has its lease. Without leases the storage must belong to this process
    /// alone, as a data directory does.
    /// </summary>
    /// <param name="leases">Makes the store once per actor system; each makes its process a holder of its own.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions UseLeases(Func<IServiceProvider, ILeaseStore> leases)
    {
        Leases = leases;
        return this;
    }

    /// <summary>Adds a kind of pipeline.</summary>
    /// <param name="factory">Reads stored pipelines of that kind.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions AddPipelines(IPipelineFactory factory)
    {
        _pipelines.Add(factory);
        return this;
    }

    /// <summary>Adds a program, which <see cref="IOrchestrationClient.StartProgramAsync"/> starts and which is run again by itself in a process that goes on with its orchestration, such as after a crash.</summary>
    /// <param name="name">Its name, stored with each orchestration; also the orchestrations' name.</param>
    /// <param name="program">The program.</param>
    /// <returns>These options.</returns>
    public OrchestrationOptions AddProgram(string name, OrchestrationProgram program)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(program);
        _programs.Add(name, program);
        return this;
    }
}
