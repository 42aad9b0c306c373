using System.CommandLine;
using Orchestration.Core.State;
using Orchestration.Host.Progress;
using Orchestration.Host.Remote;
using Orchestration.Host.Running;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs watch</c>: the progress of a run that goes on in another process, and of one that has ended at once.</summary>
internal static class RunsWatchCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    public static Command Create()
    {
        var command = new Command("watch", "Show the progress of a run until it ends; Ctrl-C leaves it alone.") { Id };
        CommonOptions.AddSession(command);
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var storage = RunStorage.Of(invocation.Settings);
        using var runs = new StoredRuns(storage);
        var id = runs.Resolve(invocation.Line.GetRequiredValue(Id));
        var reports = invocation.Reports(storage);
        if (runs.StatusOf(id, runs.ReadReport(id).Status) == "running" && OwnerClient.Find(invocation.Settings) is { } owner)
        {
            using (owner)
                return (await new RemoteRuns(owner, invocation, reports).FollowAsync(id, new RunNote(), isNew: true, null)).ExitCode;
        }

        var status = await ReplayAsync(runs, id, invocation);
        if (status == OrchestrationStatus.Running)
            throw CommandException.Failure($"No process works on the run {id}. Go on with: {CommandName.Runs($"resume {id}", storage)}");
        reports.Put(runs.ReadReport(id));
        return ExitCodes.Of(status);
    }

    // Other storages have no process that could be asked: what it stores is read again and again.
    private static async Task<OrchestrationStatus> ReplayAsync(StoredRuns runs, Core.Identity.OrchestrationId id, Invocation invocation)
    {
        await using var view = invocation.Terminal.IsQuiet ? null : ProgressViews.Open(invocation.Terminal, null, new TimeLeft(PastRunsReading.Begin(RunStorage.Of(invocation.Settings), runs.ReadStart(id), null, invocation.Interruption)));
        using var timer = new PeriodicTimer(Pause);
        for (var shown = 0L; ;)
        {
            foreach (var row in runs.ReadCommits(id).Where(row => row.SequenceNr > shown))
            {
                foreach (var fact in row.Commit.Facts)
                    view?.Show(fact, true);
                shown = row.SequenceNr;
            }
            var status = runs.ReadReport(id).Status;
            if (status != OrchestrationStatus.Running || runs.StatusOf(id, status) != "running")
                return status;
            await timer.WaitForNextTickAsync(invocation.Interruption);
        }
    }
}
