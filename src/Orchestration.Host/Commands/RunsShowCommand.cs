using System.CommandLine;
using Orchestration.Core.Reports;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>runs show</c>: the report of a run, also of one that goes on in another process.</summary>
internal static class RunsShowCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<bool> Actions = new("--actions") { Description = "List the actions with their attempts [default: the steps alone]" };

    private static readonly Option<bool> Objects = new("--objects") { Description = "List the objects that were read and written [default: the steps alone]" };

    private static readonly Option<string?> Status = new("--status") { HelpName = "STATUS", Description = $"Only actions that are so: {string.Join(", ", ActionStatuses.Names)} [default: all]" };

    private static readonly Option<string?> Step = new("--step") { HelpName = "ID", Description = "Only actions of this step [default: all]" };

    public static Command Create()
    {
        Status.AcceptOnlyFromAmong([.. ActionStatuses.Names]);
        var command = new Command("show", "Show the report of a run.") { Id, Actions, Status, Step, Objects, CommonOptions.NoBodies, CommonOptions.Format, CommonOptions.Json };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, Run));
        return command;
    }

    private static Task<int> Run(Invocation invocation)
    {
        var line = invocation.Line;
        var storage = RunStorage.Of(invocation.Settings);
        using var runs = new StoredRuns(storage);
        var id = runs.Resolve(line.GetRequiredValue(Id));
        var report = runs.ReadReport(id);
        var selects = Selection(report, line.GetValue(Step), line.GetValue(Status));
        if (invocation.Format != OutputFormat.Table)
        {
            var selected = report with { Actions = [.. report.Actions.Where(selects)] };
            Terminal.PrintDocument(ReportJson.ToUtf8(Invocations.IsGiven(line, CommonOptions.NoBodies) ? selected.WithoutBodies() : selected), invocation.Format);
            return Task.FromResult(ExitCodes.Completed);
        }

        var listsActions = line.GetValue(Actions) || line.GetValue(Step) is not null || line.GetValue(Status) is not null;
        var listsObjects = line.GetValue(Objects);
        new ReportTables(invocation.Terminal, storage).Print(report, new ReportParts(listsActions, listsObjects) { Selects = selects, MostActions = int.MaxValue, MostObjects = int.MaxValue });
        if (listsActions && !report.Actions.Any(selects))
            invocation.Terminal.Say("No action of the run is so.");
        if (runs.StatusOf(id, report.Status) == "interrupted")
            invocation.Terminal.Say($"No process works on it. Go on with: {CommandName.Runs($"resume {id}", storage)}");
        if (!listsActions && !listsObjects && !report.Actions.IsEmpty)
            invocation.Terminal.Say($"--actions lists its actions (with --status failed, or --step ID, some of them){(report.Objects.IsEmpty ? "" : ", --objects its objects")}.");
        return Task.FromResult(ExitCodes.Completed);
    }

    private static Func<ActionReport, bool> Selection(OrchestrationReport report, string? step, string? status)
    {
        var steps = report.Steps.Select(s => s.Id).ToList();
        if (step is not null && !steps.Contains(step))
            throw CommandException.Usage($"{Step.Name}: the run has no step '{Humanize.Shorten(step, 60)}'{NearestName.SuggestOrStop(step, steps)} Steps: {NearestName.List(steps, "none")}.");
        return action => (step is null || action.Step == step) && (status is null || ActionStatuses.Of(action) == status);
    }
}
