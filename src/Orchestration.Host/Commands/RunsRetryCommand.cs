using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Core.State;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs retry</c>: failed actions of a run that has ended get fresh retries, such as after they were mended.</summary>
internal static class RunsRetryCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<string?> Step = new("--step") { HelpName = "ID", Description = "Retry failed actions of this step only [default: all that failed]" };

    public static Command Create()
    {
        var command = new Command("retry", "Run what failed in a run again, with fresh retries, and what follows it. What succeeded stays.") { Id, Step, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.Options.Add(CommonOptions.Server);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var storage = RunStorage.Of(invocation.Settings);
        StartedRun run;
        using (var runs = new StoredRuns(storage))
        {
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
            if (run.Report.Status == OrchestrationStatus.Running)
                throw CommandException.Usage(runs.StatusOf(run.Id, run.Report.Status) == "running"
                    ? $"The run {run.Id} has not ended. Retry what failed when it has: {CommandName.Runs($"watch {run.Id}", storage)}"
                    : $"The run {run.Id} was interrupted and has not ended. Go on with it first: {CommandName.Runs($"resume {run.Id}", storage)}");
        }

        var settings = run.Apply(invocation.Settings);
        var reports = invocation.Reports(storage);
        var step = invocation.Line.GetValue(Step);
        var result = await Workers.DoAsync(
            invocation,
            owner => new RemoteRuns(owner, invocation, reports).ContinueAsync(run, "retry", Body(step)),
            async () =>
            {
                await using var environment = await RunEnvironment.OpenAsync(settings, OpenWhiskChoice.Make(settings), invocation.Terminal, invocation.Interruption);
                if (environment.IsLocal && await WorkflowDeployment.RedeployAsync(run, environment.Whisk!, invocation.Interruption) is { Count: > 0 } deployed)
                    invocation.Terminal.Note($"deployed {string.Join(", ", deployed)}");
                return await new RunSession(environment, settings.PoolSize, reports).RetryAsync(run.Id, step, run.Note, invocation.Interruption);
            });
        return await run.CheckDemoAsync(result, invocation);
    }

    private static JsonBytes Body(string? step) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("step", step);
        writer.WriteEndObject();
    });
}
