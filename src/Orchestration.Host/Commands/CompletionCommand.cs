using System.CommandLine;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>completion SHELL</c>: the script by which a shell completes this program's command lines.</summary>
internal static class CompletionCommand
{
    /// <summary>The hidden command that the scripts ask.</summary>
    public const string Ask = "__complete";

    // Both names: the launcher of a source tree is called by its path.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = $$$"""
            # Completion of orchestration for bash. Now: source <(orchestration completion bash)
            # Always: orchestration completion bash > ~/.local/share/bash-completion/completions/orchestration
            _orchestration() {
                local IFS=$'\n'
                COMPREPLY=($("${COMP_WORDS[0]}" {{{Ask}}} "$COMP_POINT" "$COMP_LINE" 2>/dev/null))
            }
            complete -o default -F _orchestration orchestration ./orchestration
            """,
        ["zsh"] = $$$"""
            #compdef orchestration
            # Completion of orchestration for zsh. Now: source <(orchestration completion zsh)
            # Always: orchestration completion zsh > "${fpath[1]}/_orchestration"
            _orchestration() {
                local -a found
                found=(${(f)"$("${words[1]}" {{{Ask}}} "${#${(j: :)words[1,CURRENT]}}" "${(j: :)words[1,CURRENT]}" 2>/dev/null)"})
                if (( $#found )); then compadd -a found; else _files; fi
            }
            compdef _orchestration orchestration
            """,
        ["pwsh"] = $$$"""
            # Completion of orchestration for PowerShell. Now: orchestration completion pwsh | Out-String | Invoke-Expression
            # Always: orchestration completion pwsh >> $PROFILE
            Register-ArgumentCompleter -Native -CommandName orchestration -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $line = "$commandAst".PadRight($cursorPosition)
                & $commandAst.CommandElements[0].Value {{{Ask}}} $cursorPosition $line | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    private static readonly Argument<string> Shell = new("SHELL") { Description = "bash, zsh or pwsh" };

    private static readonly Argument<int> Position = new("POSITION");

    private static readonly Argument<string> Line = new("LINE");

    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that makes a shell complete commands, options and ids of runs.") { Shell };
        command.SetAction(line =>
        {
            Console.WriteLine(Scripts[line.GetRequiredValue(Shell)]);
            return ExitCodes.Completed;
        });
        return command;
    }

    /// <summary>The command that prints what may follow in a line, one word a line.</summary>
    /// <param name="root">The whole command line.</param>
    public static Command CreateAsk(Command root)
    {
        var command = new Command(Ask, "Print what may follow.") { Position, Line };
        command.Hidden = true;
        command.SetAction(asked =>
        {
            foreach (var word in Words(root, asked.GetRequiredValue(Line), asked.GetValue(Position)))
                Console.WriteLine(word);
            return ExitCodes.Completed;
        });
        return command;
    }

    /// <summary>What may follow in a line.</summary>
    /// <param name="root">The whole command line.</param>
    /// <param name="line">What was typed, the program's name first.</param>
    /// <param name="position">Where the cursor is in it.</param>
    public static IEnumerable<string> Words(Command root, string line, int position)
    {
        var typed = line[..Math.Clamp(position, 0, line.Length)];
        var name = typed.IndexOf(' ', StringComparison.Ordinal);
        if (name < 0)
            return [];
        var rest = typed[(name + 1)..];
        // An option is offered by its long name alone.
        return root.Parse(rest).GetCompletions(rest.Length).Select(c => c.InsertText ?? c.Label).Where(word => !(word.Length == 2 && word[0] is '-' or '/'));
    }
}
