using System.CommandLine;
using System.CommandLine.Completions;
using Orchestration.Host.Settings;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;

namespace Orchestration.Host.Commands;

/// <summary><c>runs</c>: what was run, and going on with it.</summary>
internal static class RunsCommand
{
    private const int MostOffered = 20;

    public static Command Create() => new("runs", "Look at runs, and go on with them or end them.")
    {
        RunsListCommand.Create(), RunsShowCommand.Create(), RunsWatchCommand.Create(), RunsLogsCommand.Create(),
        RunsResumeCommand.Create(), RunsRetryCommand.Create(), RunsHealCommand.Create(), RunsReportCommand.Create(), RunsDagCommand.Create(), RunsCostCommand.Create(), RunsAdviseCommand.Create(), RunsCancelCommand.Create(), RunsCompleteCommand.Create(), RunsPruneCommand.Create(),
    };

    public static Argument<string> NewIdArgument()
    {
        var id = new Argument<string>("ORCH_ID") { HelpName = "ORCH_ID", Description = "The run's id, or the beginning of it when no other id begins so" };
        id.CompletionSources.Add(context => RecentIds(context.ParseResult));
        return id;
    }

    // Nobody reads a message while a line is completed: without settings or storage there is nothing to offer.
    private static IEnumerable<CompletionItem> RecentIds(ParseResult line)
    {
        try
        {
            using var runs = new StoredRuns(RunStorage.Of(SettingsReader.Read(line)));
            return [.. runs.Find("", MostOffered).Select(id => new CompletionItem(id.Value))];
        }
        catch (Exception)
        {
            return [];
        }
    }
}
