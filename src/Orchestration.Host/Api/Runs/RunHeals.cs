using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Host.Running;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Api.Runs;

/// <summary>Makes missing objects of runs again for others.</summary>
/// <param name="client">The orchestrator.</param>
/// <param name="environment">What its runs stand on.</param>
/// <param name="active">The runs that go on here.</param>
/// <param name="terminal">Where its person is told what others do.</param>
internal sealed class RunHeals(IOrchestrationClient client, RunEnvironment environment, ActiveRuns active, Terminal terminal)
{
    /// <summary>Looks what is missing and what would make it again; nothing is changed.</summary>
    /// <param name="id">The run.</param>
    /// <param name="wanted">The objects to look for; none for everything that it wrote.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<HealPlan> PlanAsync(OrchestrationId id, IReadOnlyCollection<ObjectKey> wanted, CancellationToken cancellation)
    {
        using var runs = new StoredRuns(environment.Storage);
        var platform = StartedRun.Read(runs, id.Value).Start.Platform;
        if (platform != environment.Platform)
            throw RunService.OtherPlatform(environment, $"The run {id} was started on OpenWhisk {platform.ApiHost} with the object store '{platform.ObjectStore}'");
        return await HealPlan.MakeAsync(
            runs, id, wanted, environment.Store ?? throw new ApiException(409, "NO_STORE", "This process has no object store; there is nothing to look for. Start it with --object-store."), environment.Lineage, cancellation);
    }

    /// <summary>Starts a run that makes the missing objects again.</summary>
    /// <returns>The run; null when nothing that is missing can be made.</returns>
    public async Task<OrchestrationId?> StartAsync(HealPlan plan, CancellationToken cancellation)
    {
        if (plan.Dead == plan.Missing.Count)
            return null;
        using var reservation = active.Reserve();
        var missing = plan.Plan.Jobs.SelectMany(j => j.Action.Spec.Secrets).Select(s => s.Name).Distinct().Where(name => environment.Secrets.Find(name) is null).ToList();
        if (missing.Count > 0)
            throw new ApiException(422, "SECRET_MISSING", string.Join(" ", missing.Select(name => $"The secret '{name}' has no value; looked for in {environment.Secrets.DescribePlaces(name)}.")));
        StartedRun run;
        using (var runs = new StoredRuns(environment.Storage))
            run = StartedRun.Read(runs, plan.Run.Value);
        var note = run.Note with { Gets = [], Demo = null, WorkflowFile = null };
        var handle = await client.StartAsync(new StartRequest($"heal {run.Start.Name}") { Pipeline = HealPipeline.Define(plan.Run, plan.Missing), ClientData = note.ToJson() }, cancellation);
        active.Add(handle.Id);
        terminal.Note($"run {handle.Id}, which heals {plan.Run}, goes on here for a client");
        return handle.Id;
    }
}
