using System.CommandLine;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>action dockerfile</c>: the Dockerfile of an image with what an action needs.</summary>
internal static class ActionDockerfileCommand
{
    private static readonly Argument<string> Source = new("FOLDER") { Description = "The action's folder" };

    private static readonly Option<string?> Kind = new("--kind") { HelpName = "KIND", Description = "The runtime to build on, such as python:3.11 or nodejs:20 [default: these]" };

    public static Command Create()
    {
        var command = new Command("dockerfile", "Write the Dockerfile of an image with what an action needs.") { Source, Kind, CommonOptions.Verbose };
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var source = ActionSource.Find(invocation.Line.GetRequiredValue(Source));
        var files = await ActionDockerfile.WriteAsync(source, invocation.Line.GetValue(Kind), invocation.Interruption);
        var folder = ShellText.Quote(invocation.Line.GetRequiredValue(Source));
        invocation.Terminal.Say($"wrote {string.Join(" and ", files)} in {folder}");
        invocation.Terminal.Say(source.Family == ActionFamily.Dotnet
            ? "how to build and deploy the image stands at its top"
            : $"build and push the image:  docker build -t IMAGE {folder} && docker push IMAGE\ndeploy the action with it:  {CommandName.Text} action deploy {folder} --docker IMAGE");
        return ExitCodes.Completed;
    }
}
