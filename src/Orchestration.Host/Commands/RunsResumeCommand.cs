using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Progress;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs resume</c>: goes on with a run where it was started, without its options.</summary>
internal static class RunsResumeCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<bool> TakeOver = new("--take-over")
    {
        Description = "Also when another process counts as its owner: that one stops when it is alive after all [default: then refused]",
    };

    public static Command Create()
    {
        var command = new Command("resume", "Go on with an interrupted run and wait for its end. What succeeded is not run again.") { Id, TakeOver, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.Options.Add(CommonOptions.Server);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var storage = RunStorage.Of(invocation.Settings);
        var takeOver = invocation.Line.GetValue(TakeOver);
        if (takeOver && invocation.Settings.Server is not null)
            throw CommandException.Usage($"{TakeOver.Name} makes this process the owner of a run, and {CommonOptions.Server.Name} leaves it to the service. Give one of both.");
        StartedRun run;
        using (var runs = new StoredRuns(storage))
        {
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
            if (run.Report.Status != OrchestrationStatus.Running)
                return ShowEnded(invocation, run.Report);
            // The process that works on a data directory goes on with it for this one.
            if (!storage.HasOneWorker && !takeOver && runs.OwnerOf(run.Id) is { } owner)
                throw CommandException.Owned($"The run {run.Id} is {owner}. Wait for its end or stop that process; {TakeOver.Name} is for a process that will not come back.");
        }

        var settings = run.Apply(invocation.Settings);
        var reports = invocation.Reports(storage);
        var result = await Workers.DoAsync(
            invocation,
            owner => new RemoteRuns(owner, invocation, reports).ContinueAsync(run, "resume", JsonBytes.EmptyObject),
            async () =>
            {
                await using var environment = await RunEnvironment.OpenAsync(settings, OpenWhiskChoice.Make(settings), invocation.Terminal, invocation.Interruption);
                var left = invocation.Terminal.IsQuiet ? null : new TimeLeft(PastRunsReading.Begin(storage, run.Start, environment.Store, invocation.Interruption));
                return await new RunSession(environment, settings.PoolSize, reports) { TimeLeft = left }.ResumeAsync(run.Id, takeOver, run.Note, invocation.Interruption);
            });
        return await run.CheckDemoAsync(result, invocation);
    }

    private static int ShowEnded(Invocation invocation, OrchestrationReport report)
    {
        invocation.Terminal.Say($"The run {report.Id} has ended already; this is its report.");
        invocation.Reports(RunStorage.Of(invocation.Settings)).Put(report);
        return ExitCodes.Of(report.Status);
    }
}
