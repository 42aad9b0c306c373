using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Orchestration.Workflows;

namespace Orchestration.Host.Running;

/// <summary>Puts the actions that a workflow brings along on the local OpenWhisk.</summary>
internal static class WorkflowDeployment
{
    public static async Task DeployAsync(WorkflowFile workflow, OpenWhiskOptions whisk, Terminal terminal, CancellationToken cancellation)
    {
        if (workflow.Actions.IsEmpty)
            return;
        using var deployer = new ActionDeployer(whisk);
        await Task.WhenAll(workflow.Actions.Select(action => deployer.DeployAsync(
            new OpenWhisk.ActionDeployment(action.Name, Path.GetFullPath(action.File, workflow.Directory ?? Directory.GetCurrentDirectory()))
            {
                Kind = action.Kind,
                Main = action.Main,
                Timeout = action.Timeout,
                MemoryMegabytes = action.Memory,
            },
            cancellation)));
        terminal.Note($"deployed {string.Join(", ", workflow.Actions.Select(a => a.Name))}");
    }
}
