using System.CommandLine;
using Orchestration.Core.Dags;
using Orchestration.Core.Reports;
using Orchestration.Host.Dags;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>runs dag</c>: which action of a run read what which other one wrote.</summary>
internal static class RunsDagCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<string> Format = new("--format")
    {
        HelpName = "FORMAT",
        Description = $"{string.Join(", ", DagFormats.Names)} [default: {DagFormats.Names[0]}]",
        DefaultValueFactory = _ => DagFormats.Names[0],
    };

    private static readonly Option<string?> Of = new("--of") { HelpName = "ACTION", Description = "Only this action and what it needed, such as combine, transcode[3] or an action's id [default: the whole run]" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong([.. DagFormats.Names]);
        var command = new Command("dag", "Show which action of a run read what which other one wrote, and the critical path.") { Id, Format, Of };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        using var runs = new StoredRuns(RunStorage.Of(invocation.Settings));
        var dag = RunDag.Of(runs.ReadReport(runs.Resolve(line.GetRequiredValue(Id))));
        var view = line.GetValue(Of) is { } wanted ? DagView.Before(dag, Find(dag, wanted)) : DagView.Whole(dag);
        await Console.Out.WriteAsync(Terminal.Plain(DagFormats.Write(view, line.GetRequiredValue(Format))));
        return ExitCodes.Completed;
    }

    private static ActionReport Find(RunDag dag, string wanted)
    {
        var labels = new DagLabels(dag.Report);
        return dag.Report.Actions.FirstOrDefault(a => labels.Of(a.Id) == wanted || string.Equals(a.Id.Value, wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw CommandException.Usage($"{Of.Name}: the run has no action '{Humanize.Shorten(wanted, 60)}'{NearestName.SuggestOrStop(wanted, labels.All)} Actions: {NearestName.List(labels.All, "none")}.");
    }
}
