using System.CommandLine;
using Orchestration.Core.Costs;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>runs cost</c>: what a run, the runs of a name, or an action cost.</summary>
internal static class RunsCostCommand
{
    private static readonly Argument<string?> Id = OptionalId();

    private static readonly Option<string?> Name = new("--name") { HelpName = "NAME", Description = "The mean over the runs of this workflow" };

    private static readonly Option<string?> Action = new("--action")
    {
        HelpName = "NAME|ACTION_ID",
        Description = "The mean over the actions of this name, or one action by its id; with ORCH_ID or --name only there",
    };

    private static readonly Option<int?> Limit = CommonOptions.AtLeastOne(new("--limit") { HelpName = "N", Description = $"At most so many runs, the newest [default: {PastRuns.DefaultLimit}]" });

    public static Command Create()
    {
        var command = new Command("cost", "Tell what a run cost, or what runs of a name or actions cost on average.") { Id, Name, Action, Limit };
        PriceOptions.AddTo(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var (id, name, action) = (line.GetValue(Id), line.GetValue(Name), line.GetValue(Action));
        if (id is null && name is null && action is null)
            throw CommandException.Usage("What is to be told the cost of? Give a run's id, --name NAME for the runs of a workflow, or --action NAME for actions.");
        if (id is not null && name is not null)
            throw CommandException.Usage("An id and --name ask for two things. Leave one of them out.");
        var prices = PriceOptions.Read(invocation);
        var runs = await ReadAsync(RunStorage.Of(invocation.Settings), id, name, line.GetValue(Limit) ?? PastRuns.DefaultLimit, invocation.Interruption);
        if (action is not null)
            Print(invocation, CostTable.Of(ActionsOf(runs, action, prices.Prices), action, prices));
        else if (id is not null)
            Print(invocation, CostTable.Of(RunCost.Of(runs[0], prices.Prices), prices));
        else
            Print(invocation, CostTable.Of([.. runs.Select(r => RunCost.Of(r, prices.Prices))], name!, prices));
        return ExitCodes.Completed;
    }

    private static async Task<IReadOnlyList<RunFigures>> ReadAsync(RunStorage storage, string? id, string? name, int limit, CancellationToken cancellation)
    {
        if (id is null)
            return await PastRuns.ReadAsync(storage, name, limit, cancellation);
        using var stored = new StoredRuns(storage);
        return [stored.ReadFigures(stored.Resolve(id))];
    }

    private static List<ActionCost> ActionsOf(IReadOnlyList<RunFigures> runs, string action, PriceSheet prices)
    {
        var found = runs.SelectMany(r => r.Actions.Where(a => a.Name == action || string.Equals(a.Id.Value, action, StringComparison.OrdinalIgnoreCase)).Select(a => ActionCost.Of(a, r.Id, prices))).ToList();
        if (found.Count > 0)
            return found;
        var names = runs.SelectMany(r => r.Actions).Select(a => a.Name).Distinct().ToList();
        throw CommandException.Failure($"{Action.Name}: no action '{Humanize.Shorten(action, 60)}' in {Humanize.Count(runs.Count, "run")}{NearestName.SuggestOrStop(action, names)} There are: {NearestName.List(names, "none")}.");
    }

    private static void Print(Invocation invocation, CostTable table)
    {
        if (invocation.Format == OutputFormat.Table)
            table.Print(invocation.Terminal);
        else
            Terminal.PrintDocument(table.ToJson(), invocation.Format);
    }

    private static Argument<string?> OptionalId()
    {
        var required = RunsCommand.NewIdArgument();
        var id = new Argument<string?>(required.Name) { HelpName = required.HelpName, Description = required.Description, Arity = ArgumentArity.ZeroOrOne };
        id.CompletionSources.AddRange(required.CompletionSources);
        return id;
    }
}
