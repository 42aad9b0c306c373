using System.Security.Cryptography;
using System.Text;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;
using Orchestration.Host.Api.Workflows;
using Orchestration.Host.Running;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Api.Runs;

/// <summary>Starts runs for others.</summary>
/// <param name="client">The orchestrator.</param>
/// <param name="environment">What its runs stand on.</param>
/// <param name="active">The runs that go on here.</param>
/// <param name="workflows">The workflows that are kept here.</param>
/// <param name="documents">Where the keys of starts are kept.</param>
/// <param name="terminal">Where its person is told what others do.</param>
internal sealed class RunStarts(IOrchestrationClient client, RunEnvironment environment, ActiveRuns active, StoredWorkflows workflows, IServiceDocuments documents, Terminal terminal)
{
    private const string Kind = "starts";

    /// <summary>Starts a run; with the id or the key of one that was started with the same content it is that one.</summary>
    /// <returns>The run and the names of the actions that were deployed for it.</returns>
    public async Task<(OrchestrationId Id, IReadOnlyList<string> Deployed)> StartAsync(StartBody body, CancellationToken cancellation)
    {
        using var reservation = active.Reserve();
        if (body.ApiHost is { } host && host != environment.Platform.ApiHost)
            throw RunService.OtherPlatform(environment, $"The run is for OpenWhisk {host}");
        if (body.IdempotencyKey is not { } key)
            return await BeginAsync(body, cancellation);
        var id = await ReserveAsync(key, body, cancellation);
        return HasStarted(id) ? (id, []) : await BeginAsync(body with { Id = id }, cancellation);
    }

    // Under its key stand the id that the run has or will have, and what was asked for.
    private async Task<OrchestrationId> ReserveAsync(string key, StartBody body, CancellationToken cancellation)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        var parts = (await documents.AddOrFindAsync(Kind, name, $"{client.NewId()} {body.Hash}", cancellation)).Split(' ');
        var id = OrchestrationId.Parse(parts[0]);
        if (parts[1] == body.Hash)
            return id;
        if (HasStarted(id))
            throw new ApiException(409, "IDEMPOTENCY_KEY", $"The run {id} was started with the idempotencyKey '{Humanize.Shorten(key, 60)}' and another body. Repeat a start with the same body, and start another run with another key.");
        // Nothing came of that one; its body may have been mended.
        await documents.PutAsync(Kind, name, $"{id} {body.Hash}", cancellation);
        return id;
    }

    private async Task<(OrchestrationId Id, IReadOnlyList<string> Deployed)> BeginAsync(StartBody body, CancellationToken cancellation)
    {
        var source = body.WorkflowName is { } name ? await workflows.ReadAsync(name, cancellation) : body.Workflow;
        if (source is null)
            return (await BeginWithoutPipelineAsync(body, cancellation), []);
        var workflow = WorkflowFile.Parse(source, body.WorkflowName ?? body.FileName);
        var pipeline = workflow.ToPipeline(body.Parameters);
        IReadOnlyList<string> deployed = environment.IsLocal ? await WorkflowDeployment.DeployAsync(workflow, body.Directory, environment.Whisk!, cancellation) : [];
        var handle = await client.StartAsync(new StartRequest(body.Name ?? workflow.Name) { Id = body.Id, Pipeline = pipeline, ClientData = body.ClientData }, cancellation);
        active.Add(handle.Id);
        terminal.Note($"run {handle.Id} ({workflow.Name}) goes on here for another terminal");
        return (handle.Id, deployed);
    }

    private async Task<OrchestrationId> BeginWithoutPipelineAsync(StartBody body, CancellationToken cancellation)
    {
        if (body.AuthHash is { } hash && environment.Whisk is { } whisk && hash != HashOf(whisk.Auth))
        {
            throw new ApiException(409, "OTHER_NAMESPACE",
                $"The run is for other credentials of OpenWhisk than those of the process {Environment.ProcessId}, which works on {environment.Storage.Name} for the namespace '{environment.Platform.Namespace}'. "
                + "Give the same, wait until that process has ended, or use another data directory.");
        }
        var handle = await client.StartAsync(new StartRequest(body.Name!) { Id = body.Id, ClientData = body.ClientData }, cancellation);
        active.Add(handle.Id);
        terminal.Note($"run {handle.Id} ({body.Name}) goes on here for a client");
        return handle.Id;
    }

    private bool HasStarted(OrchestrationId id)
    {
        using var runs = new StoredRuns(environment.Storage);
        return runs.Find(id.Value, 1).Count > 0;
    }

    private static string HashOf(string auth) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(auth)));
}
