using Orchestration.Actors.Client;
using Orchestration.Core.Ports;
using Orchestration.Host.Commands;
using Orchestration.Host.Demos;
using Orchestration.Host.Progress;
using Orchestration.Host.Remote;
using Orchestration.Host.Reports;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>A workflow with everything that it is started with.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Request">The start, without the note.</param>
/// <param name="Note">What is kept for resuming.</param>
/// <param name="Puts">What to upload before.</param>
internal sealed record RunPlan(WorkflowFile Workflow, StartRequest Request, RunNote Note, IReadOnlyList<Transfer> Puts)
{
    /// <summary>Whether the demo's first transcoded chunk is lost on purpose.</summary>
    public bool LosesChunk { get; init; }
}

/// <summary>Opens the environment of a workflow, brings in what it needs, and runs it; where another process works on the data directory, that one does.</summary>
internal static class WorkflowRuns
{
    /// <summary>Does it.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="choice">The OpenWhisk; null for that of the service which the command names.</param>
    /// <param name="plan">What to start.</param>
    public static Task<RunResult> StartAsync(Invocation invocation, OpenWhiskChoice? choice, RunPlan plan)
    {
        var reports = invocation.Reports(RunStorage.Of(invocation.Settings));
        reports.Check();
        // Drawn here, so that asking again after a lost answer does not start a second run.
        plan = plan with { Request = plan.Request with { Id = OrchestrationIds.New() } };
        return Workers.DoAsync(
            invocation,
            owner => plan.LosesChunk
                ? throw CommandException.Failure($"--lose-chunk: another process works on {invocation.Settings.DataDirectory}, and the chunk would be removed behind its back. Wait until it is done, or name another --data-dir.")
                : new RemoteRuns(owner, invocation, reports).StartAsync(choice, plan),
            () => StartHereAsync(invocation, choice!, plan, reports));
    }

    /// <summary>Looks that there is an object store for what is to be copied.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static void CheckTransfers(RunPlan plan, IObjectStore? store)
    {
        if (plan.Puts.Count + plan.Note.Gets.Length > 0 && store is null)
            throw CommandException.Usage("--put and --get need an object store, and there is none by default with an OpenWhisk elsewhere. Give one with --object-store.");
    }

    private static async Task<RunResult> StartHereAsync(Invocation invocation, OpenWhiskChoice choice, RunPlan plan, ReportOutput reports)
    {
        var interruption = invocation.Interruption;
        await using var environment = await RunEnvironment.OpenAsync(invocation.Settings, choice, invocation.Terminal, interruption);
        CheckTransfers(plan, environment.Store);
        if (environment.IsLocal && await WorkflowDeployment.DeployAsync(plan.Workflow, plan.Workflow.Directory, environment.Whisk!, interruption) is { Count: > 0 } deployed)
            invocation.Terminal.Note($"deployed {string.Join(", ", deployed)}");
        await MissingActions.RefuseAsync(plan.Workflow, environment, interruption);
        if (plan.Puts.Count > 0)
            await Transfers.UploadAsync(environment.Store!, plan.Puts, invocation.Terminal, interruption);
        var loss = plan.LosesChunk ? new ChunkLoss(environment.Store!, invocation.Terminal, environment.Storage) : null;
        var left = invocation.Terminal.IsQuiet ? null : new TimeLeft(PastRunsReading.Begin(environment.Storage, plan.Workflow, plan.Request.Pipeline!, environment.Store, interruption));
        return await new RunSession(environment, plan.Note.PoolSize, reports) { Loss = loss, TimeLeft = left }.StartAsync(plan.Request, plan.Note, interruption);
    }
}
