using System.CommandLine;
using Orchestration.Actors.Client;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Host.Remote;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs heal</c>: makes what is missing of a run's objects again, by a run of its own.</summary>
internal static class RunsHealCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Argument<string[]> Objects = new("bucket/key")
    {
        Description = "The objects to make again [default: everything that the run wrote and that is missing]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Plan = new("--plan") { Description = "Show what is missing and what would run again, and change nothing" };

    public static Command Create()
    {
        var command = new Command("heal", "Make missing objects of a run again, with the least work; also of a run that has ended.") { Id, Objects, Plan, CommonOptions.SecretsFile };
        CommonOptions.AddSession(command);
        CommonOptions.AddPlatform(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var wanted = (invocation.Line.GetValue(Objects) ?? []).Select(Parse).Distinct().ToList();
        var storage = RunStorage.Of(invocation.Settings);
        var reports = invocation.Reports(storage);
        reports.Check();
        StartedRun run;
        HealPlan plan;
        HostSettings settings;
        using (var runs = new StoredRuns(storage))
        {
            run = StartedRun.Read(runs, invocation.Line.GetRequiredValue(Id));
            settings = run.AsStarted(invocation.Settings);
            var store = ObjectStores.Open(settings, isLocal: false)
                ?? throw CommandException.Usage($"The run {run.Id} had no object store; there is nothing to look for. Start runs with --object-store to have their objects made again.");
            using var closing = store as IDisposable;
            plan = await HealPlan.MakeAsync(runs, run.Id, wanted, store, settings.Lineage, invocation.Interruption);
        }

        var nothingRuns = invocation.Line.GetValue(Plan) || plan.Dead == plan.Missing.Count;
        if (nothingRuns && invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(HealTable.ToJson(plan), invocation.Format);
        else
            HealTable.Print(plan, invocation.Terminal);
        if (nothingRuns)
            return plan.Dead == 0 ? ExitCodes.Completed : ExitCodes.Failed;

        settings.Secrets.Require(plan.Plan.Jobs.SelectMany(j => j.Action.Spec.Secrets).Select(s => s.Name).Distinct());
        invocation.Terminal.Say("");
        var request = new StartRequest($"heal {run.Start.Name}") { Pipeline = HealPipeline.Define(run.Id, plan.Missing) };
        var healing = run.Note with { Gets = [], Demo = null, WorkflowFile = null };
        var result = await Workers.DoAsync<RunResult>(
            invocation,
            _ => throw CommandException.Failure($"Another process works on {settings.DataDirectory}, and healing needs it for itself. Wait until that process is done; --plan shows meanwhile what would run."),
            async () =>
            {
                await using var environment = await RunEnvironment.OpenAsync(settings, OpenWhiskChoice.Make(settings), invocation.Terminal, invocation.Interruption);
                return await new RunSession(environment, settings.PoolSize, reports).StartAsync(request, healing, invocation.Interruption);
            });
        return result.ExitCode;
    }

    private static ObjectKey Parse(string text) => ObjectKey.TryParse(text, out var key)
        ? key
        : throw CommandException.Usage($"'{text}' names no object: it takes bucket/key, such as input-video/clip.mp4.");
}
