using System.CommandLine;
using System.Text;
using Orchestration.Core.Costs;
using Orchestration.Host.Reports.Pages;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>runs report</c>: a run as a page for a browser, in one file.</summary>
internal static class RunsReportCommand
{
    private static readonly Argument<string> Id = RunsCommand.NewIdArgument();

    private static readonly Option<string> File = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Where to write the page; one that is there is replaced; - for stdout",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("report", "Write a run as a page that needs nothing else: time line, graph, objects, costs, errors.") { Id, File, CommonOptions.NoBodies };
        foreach (var option in PriceOptions.All)
            command.Options.Add(option);
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var prices = PriceOptions.Read(invocation);
        using var runs = new StoredRuns(RunStorage.Of(invocation.Settings));
        var id = runs.Resolve(line.GetRequiredValue(Id));
        var report = runs.ReadReport(id);
        var page = ReportPage.Write(line.GetValue(CommonOptions.NoBodies) ? report.WithoutBodies() : report, RunCost.Of(runs.ReadFigures(id), prices.Prices), prices);
        var file = line.GetRequiredValue(File);
        if (file == "-")
        {
            await Console.Out.WriteAsync(page);
            return ExitCodes.Completed;
        }
        try
        {
            await System.IO.File.WriteAllTextAsync(file, page, new UTF8Encoding(false), invocation.Interruption);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Failure($"{File.Name}: '{file}' cannot be written: {e.Message} Name another file.", e);
        }
        invocation.Terminal.Say($"wrote {file} ({Humanize.Bytes(new FileInfo(file).Length)}): open it in a browser");
        return ExitCodes.Completed;
    }
}
