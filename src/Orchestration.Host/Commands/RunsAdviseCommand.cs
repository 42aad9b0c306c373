using System.CommandLine;
using Orchestration.Core.Costs;
using Orchestration.Core.Ports;
using Orchestration.Host.Reports;
using Orchestration.Host.Running;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>runs advise</c>: which intermediate objects of a run to keep, and which are cheaper to make again.</summary>
internal static class RunsAdviseCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<string?> KeepFor = new("--keep-for") { HelpName = "DURATION", Description = "How long the objects would be kept, such as 30d [default: each until its last read in the run]" };

    private static readonly Option<bool> Apply = new("--apply") { Description = "Remove the objects that are cheaper to make again; whoever reads them has them made again [default: nothing is changed]" };

    public static Command Create()
    {
        var command = new Command("advise", "Tell which intermediate objects of a run are worth keeping, and which are cheaper to make again.")
        {
            Id, KeepFor, Apply, CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey,
        };
        PriceOptions.AddTo(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var prices = PriceOptions.Read(invocation);
        var keep = ReadKeepFor(line);
        var applies = line.GetValue(Apply);
        using var runs = new StoredRuns(RunStorage.Of(invocation.Settings));
        var id = runs.Resolve(line.GetRequiredValue(Id));
        var figures = runs.ReadFigures(id);
        var advice = KeepingAdvice.Of(figures, prices.Prices, keep?.TotalSeconds);
        List<KeepingAdvice> removed = [];
        if (applies)
        {
            if (!figures.IsEnded)
                throw CommandException.Failure($"{Apply.Name}: the run {id} has not ended, and its actions may still read what would be removed. Wait for its end, or cancel it.");
            var store = ObjectStores.OpenOf(invocation.Settings, runs, id)
                ?? throw CommandException.Usage($"{Apply.Name}: nothing tells where the objects of the run {id} are. Give the object store with {CommonOptions.ObjectStore.Name}.");
            removed = await RemoveAsync(store, advice, invocation.Interruption);
        }

        if (invocation.Format == OutputFormat.Table)
            AdviceTable.Print(figures, advice, applies ? removed : null, prices, invocation.Terminal);
        else
            Terminal.PrintDocument(AdviceTable.ToJson(figures, advice, applies ? removed : null, prices), invocation.Format);
        return ExitCodes.Completed;
    }

    private static async Task<List<KeepingAdvice>> RemoveAsync(IObjectStore store, IEnumerable<KeepingAdvice> advice, CancellationToken cancellation)
    {
        using var closing = store as IDisposable;
        var removed = new List<KeepingAdvice>();
        foreach (var item in advice.Where(a => a.Evict))
        {
            if (await store.StatAsync(item.Object, cancellation) is null)
                continue;
            await store.RemoveAsync(item.Object, cancellation);
            removed.Add(item);
        }

        return removed;
    }

    private static TimeSpan? ReadKeepFor(ParseResult line)
    {
        if (line.GetValue(KeepFor) is not { } text)
            return null;
        return Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero
            ? duration
            : throw CommandException.Usage($"{KeepFor.Name}: '{Humanize.Shorten(text, 40)}' is not a duration up to 365d. Write it like 12h or 30d.");
    }
}
