using System.CommandLine;
using Orchestration.Actors.Client;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Workflows;

namespace Orchestration.Host.Commands;

/// <summary><c>run FILE</c>: starts a workflow and sees it to its end.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "The workflow file (YAML)" };

    private static readonly Option<string[]> Puts = new("--put")
    {
        HelpName = "bucket/key=FILE",
        Description = "Upload FILE before the run; may be repeated",
    };

    private static readonly Option<string[]> Gets = new("--get")
    {
        HelpName = "bucket/key=FILE",
        Description = "Download to FILE when the run is complete; may be repeated",
    };

    public static Command Create()
    {
        var command = new Command("run", "Run a workflow file and wait for its end.") { File, ParameterOptions.Parameters, ParameterOptions.Files, Puts, Gets, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.Options.Add(CommonOptions.Server);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var workflow = WorkflowFile.Load(line.GetRequiredValue(File));
        var pipeline = workflow.ToPipeline(ParameterOptions.Read(line, workflow));
        var puts = (line.GetValue(Puts) ?? []).Select(text => Transfer.Parse(text, Puts.Name)).ToList();
        var gets = (line.GetValue(Gets) ?? []).Select(text => Transfer.Parse(text, Gets.Name)).ToList();
        Transfers.CheckSources(puts);

        var settings = invocation.Settings;
        // A service has secrets and an OpenWhisk of its own.
        if (settings.Server is null)
            settings.Secrets.Require(workflow.Secrets);
        var note = new RunNote
        {
            WorkflowFile = Path.GetFullPath(line.GetRequiredValue(File)),
            Gets = [.. gets],
            Insecure = settings.Insecure ?? false,
            PoolSize = settings.PoolSize,
            MaxInFlight = settings.MaxInFlight,
            BlockingWait = settings.BlockingWait,
            SecretsFile = workflow.Secrets.IsEmpty ? null : settings.Secrets.File,
        };
        var choice = settings.Server is null || settings.OpenWhisk?.Source == CommonOptions.OpenWhisk.Name ? OpenWhiskChoice.Make(settings) : null;
        var plan = new RunPlan(workflow, new StartRequest(workflow.Name) { Pipeline = pipeline }, note, puts);
        return (await WorkflowRuns.StartAsync(invocation, choice, plan)).ExitCode;
    }
}
