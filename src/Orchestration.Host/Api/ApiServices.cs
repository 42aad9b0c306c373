using Orchestration.Actors.Client;
using Orchestration.Host.Api.Runs;
using Orchestration.Host.Api.Workflows;
using Orchestration.Host.Running;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Api;

/// <summary>What the routes of the API do.</summary>
/// <param name="Starts">Starts runs.</param>
/// <param name="Runs">Changes runs, and tells of them.</param>
/// <param name="Heals">Makes missing objects of runs again.</param>
/// <param name="Workflows">The workflows that are kept here.</param>
internal sealed record ApiServices(RunStarts Starts, RunService Runs, RunHeals Heals, StoredWorkflows Workflows)
{
    /// <summary>Makes them.</summary>
    /// <param name="client">The orchestrator.</param>
    /// <param name="environment">What its runs stand on.</param>
    /// <param name="active">The runs that go on here.</param>
    /// <param name="terminal">Where its person is told what others do.</param>
    public static ApiServices Of(IOrchestrationClient client, RunEnvironment environment, ActiveRuns active, Terminal terminal)
    {
        var documents = environment.Storage.OpenDocuments();
        var workflows = new StoredWorkflows(documents);
        return new ApiServices(
            new RunStarts(client, environment, active, workflows, documents, terminal), new RunService(client, environment, active, terminal), new RunHeals(client, environment, active, terminal), workflows);
    }
}
