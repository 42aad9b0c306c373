using Orchestration.Actors.Client;
using Orchestration.Host.Commands;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>A workflow with everything that it is started with.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Request">The start, without the note.</param>
/// <param name="Note">What is kept for resuming.</param>
/// <param name="Puts">What to upload before.</param>
internal sealed record RunPlan(WorkflowFile Workflow, StartRequest Request, RunNote Note, IReadOnlyList<Transfer> Puts);

/// <summary>Opens the environment of a workflow, brings in what it needs, and runs it.</summary>
internal static class WorkflowRuns
{
    public static async Task<RunResult> StartAsync(Invocation invocation, OpenWhiskChoice choice, RunPlan plan)
    {
        var interruption = invocation.Interruption;
        var reports = invocation.Reports(RunStorage.Of(invocation.Settings));
        reports.Check();
        await using var environment = await RunEnvironment.OpenAsync(invocation.Settings, choice, invocation.Terminal, interruption);
        if (plan.Puts.Count + plan.Note.Gets.Length > 0 && environment.Store is null)
            throw CommandException.Usage("--put and --get need an object store, and there is none by default with an OpenWhisk elsewhere. Give one with --object-store.");
        if (environment.IsLocal)
            await WorkflowDeployment.DeployAsync(plan.Workflow, environment.Whisk, invocation.Terminal, interruption);
        await MissingActions.RefuseAsync(plan.Workflow, environment, interruption);
        if (plan.Puts.Count > 0)
            await Transfers.UploadAsync(environment.Store!, plan.Puts, invocation.Terminal, interruption);
        return await new RunSession(environment, plan.Note.PoolSize, reports).StartAsync(plan.Request, plan.Note, interruption);
    }
}
