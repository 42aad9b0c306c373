using System.CommandLine;

namespace Orchestration.Host.Commands;

/// <summary><c>runs</c>: what was run, and going on with it.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "List, show and resume runs.")
    {
        RunsListCommand.Create(), RunsShowCommand.Create(), RunsResumeCommand.Create(),
    };

    public static Argument<string> NewIdArgument() => new("ORCH_ID") { Description = "The run's id, or the beginning of it when no other id begins so" };
}
