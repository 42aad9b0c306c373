using System.CommandLine;
using System.Text.RegularExpressions;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>action new</c>: a folder with a working action.</summary>
internal static partial class ActionNewCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The action's name, and the folder's; may be a path, whose last part is the name" };

    private static readonly Option<string> Kind = new("--kind")
    {
        HelpName = "python|nodejs|dotnet",
        Description = "The language",
        DefaultValueFactory = _ => "python",
    };

    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong("python", "nodejs", "dotnet");
        var command = new Command("new", "Make a folder with a working action.") { Name, Kind, CommonOptions.Verbose };
        command.SetAction((line, _) => Invocations.RunAsync(line, invocation => Task.FromResult(Run(invocation))));
        return command;
    }

    private static int Run(Invocation invocation)
    {
        var path = Path.TrimEndingDirectorySeparator(invocation.Line.GetRequiredValue(Name));
        var name = Path.GetFileName(path);
        if (!LegalName().IsMatch(name))
            throw CommandException.Usage($"'{name}' cannot be an action's name: use letters, digits, '_', '-', '.' or '@', and begin with a letter or digit.");
        var family = Enum.Parse<ActionFamily>(invocation.Line.GetRequiredValue(Kind), ignoreCase: true);
        var files = ActionTemplate.Write(Path.GetFullPath(path), name, family);
        var shown = ShellText.Quote(path);
        invocation.Terminal.Say($"made {string.Join(", ", files.Select(file => Path.Combine(path, file)))}");
        invocation.Terminal.Say($"""
            try it:     {CommandName.Text} action run {shown} -P {ShellText.Quote(Path.Combine(path, "input.json"))}
            deploy it:  {CommandName.Text} action deploy {shown}
            call it:    {CommandName.Text} action invoke {name} -p name=Ada --result
            """);
        return ExitCodes.Completed;
    }

    // Source: OpenWhisk's names of entities.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_@.\-]*$")]
    private static partial Regex LegalName();
}
