using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>Puts the actions that a workflow brings along on the local OpenWhisk.</summary>
internal static class WorkflowDeployment
{
    /// <summary>Deploys all of them.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="folder">What the paths of their files are relative to; null for the working folder.</param>
    /// <param name="whisk">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> DeployAsync(WorkflowFile workflow, string? folder, OpenWhiskOptions whisk, CancellationToken cancellation)
    {
        if (workflow.Actions.IsEmpty)
            return [];
        using var deployer = new ActionDeployer(whisk);
        await Task.WhenAll(workflow.Actions.Select(action => deployer.DeployAsync(
            new OpenWhisk.ActionDeployment(action.Name, FileOf(action, folder))
            {
                Kind = action.Kind,
                Main = action.Main,
                Timeout = action.Timeout,
                MemoryMegabytes = action.Memory,
            },
            cancellation)));
        return [.. workflow.Actions.Select(a => a.Name)];
    }

    /// <summary>Deploys the actions of a run's workflow as their files are now.</summary>
    /// <returns>Their names; none when files are gone, and what was deployed before is used.</returns>
    public static async Task<IReadOnlyList<string>> RedeployAsync(StartedRun run, OpenWhiskOptions whisk, CancellationToken cancellation)
    {
        if (run.Start.Pipeline is not { } pipeline || Path.GetDirectoryName(run.Note.WorkflowFile) is not { } folder)
            return [];
        var workflow = WorkflowFile.Parse(pipeline.Source, run.Note.WorkflowFile!);
        return workflow.Actions.All(a => File.Exists(FileOf(a, folder))) ? await DeployAsync(workflow, folder, whisk, cancellation) : [];
    }

    private static string FileOf(Workflows.ActionDeployment action, string? folder) => Path.GetFullPath(action.File, folder ?? Directory.GetCurrentDirectory());
}
