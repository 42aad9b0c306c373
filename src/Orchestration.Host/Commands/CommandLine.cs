using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary>The program's command line.</summary>
internal static class CommandLine
{
    /// <summary>All commands.</summary>
    public static Command Create()
    {
        // Not a RootCommand: that is called as its assembly is, in the help.
        var root = new Command("orchestration", "Runs pipelines of OpenWhisk actions durably.")
        {
            new HelpOption(), new VersionOption(),
            DemoCommand.Create(), RunCommand.Create(), ValidateCommand.Create(), DevCommand.Create(), ActionCommand.Create(), ServeCommand.Create(), KeysCommand.Create(), RunsCommand.Create(), PredictCommand.Create(),
            ConfigCommand.Create(), CompletionCommand.Create(), VersionCommand.Create(),
        };
        root.Subcommands.Add(CompletionCommand.CreateAsk(root));
        return root;
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = Create().Parse(arguments);
        if (line.Errors.Count > 0 && line.Action is null or System.CommandLine.Invocation.ParseErrorAction || AsksForUnknown(line))
            return Refuse(line);
        // Exceptions are the commands' to explain, and signals theirs to handle.
        return await line.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    // Help is given whatever else stands in the line.
    private static bool AsksForUnknown(ParseResult line) =>
        line.Action is not (null or HelpAction) && line.CommandResult.Command.Name != CompletionCommand.Ask && Suggestions.UnknownOptions(line).Count > 0;

    private static int Refuse(ParseResult line)
    {
        foreach (var problem in Suggestions.Describe(line))
            Console.Error.WriteLine(Redaction.Of($"error: {problem}"));
        var names = new List<string>();
        for (SymbolResult? at = line.CommandResult; at is CommandResult { Parent: not null } command; at = at.Parent)
            names.Insert(0, command.Command.Name);
        Console.Error.WriteLine($"See: {string.Join(' ', [CommandName.Text, .. names, "--help"])}");
        return ExitCodes.Usage;
    }
}
