using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary>Says what is wrong with a command line, and what was most likely meant.</summary>
internal static class Suggestions
{
    /// <summary>A sentence for each mistake.</summary>
    public static IEnumerable<string> Describe(ParseResult line)
    {
        var unknown = UnknownOptions(line);
        // What follows an unknown option is most likely its value.
        if (unknown.Count == 0)
            unknown = line.CommandResult.Command.Subcommands.Count > 0 ? [.. line.UnmatchedTokens.Take(1)] : line.UnmatchedTokens;
        foreach (var token in unknown)
            yield return Describe(token, line.CommandResult);
        // That a command is missing, or that a token is unknown, is told better above.
        foreach (var error in line.Errors.Where(e => unknown.Count == 0 || e.SymbolResult is not CommandResult))
            yield return error.Message;
    }

    /// <summary>Words that look like options and were taken as arguments; behind <c>--</c> they may be.</summary>
    public static IReadOnlyList<string> UnknownOptions(ParseResult line) =>
        line.Tokens.Any(t => t.Type == TokenType.DoubleDash)
            ? []
            : [.. line.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value).Concat(line.UnmatchedTokens).Where(IsOption).Distinct()];

    // A dash alone stands for standard input by custom.
    private static bool IsOption(string token) => token.Length > 1 && token[0] == '-' && !char.IsAsciiDigit(token[1]);

    private static string Describe(string token, CommandResult result)
    {
        var command = result.Command;
        if (token.StartsWith('-'))
        {
            var name = token.Split('=', ':')[0];
            var inherited = Above(result).SelectMany(c => c.Options).Where(o => o.Recursive);
            var options = command.Options.Concat(inherited).Where(o => !o.Hidden).Select(o => o.Name);
            return $"unknown option '{name}'{NearestName.SuggestOrStop(name, options)}";
        }
        var commands = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToList();
        return commands.Count > 0
            ? $"unknown command '{token}'{NearestName.SuggestOrStop(token, commands)} Commands: {string.Join(", ", commands)}."
            : $"'{token}' is one argument too many.";
    }

    private static IEnumerable<Command> Above(CommandResult result)
    {
        for (var at = result.Parent as CommandResult; at is not null; at = at.Parent as CommandResult)
            yield return at.Command;
    }
}
