using System.CommandLine;
using System.Text.Json;
using Orchestration.Host.Actions;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Commands;

/// <summary><c>action get</c>: an action as OpenWhisk has it, and its code as a file.</summary>
internal static class ActionGetCommand
{
    private static readonly Argument<string> Name = ActionCommand.NewNameArgument();

    private static readonly Option<string?> SaveAs = new("--save-as")
    {
        HelpName = "FILE",
        Description = "Write the action's code into FILE, which must not be there yet [default: print what the action is]",
    };

    public static Command Create()
    {
        var command = new Command("get", "Show an action, or save its code.") { Name, SaveAs, CommonOptions.Format, CommonOptions.Json }.WithOpenWhisk();
        command.SetWhiskAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, WhiskAccess whisk)
    {
        using var actions = new WhiskActions(whisk.Options);
        var name = invocation.Line.GetRequiredValue(Name);
        var file = invocation.Line.GetValue(SaveAs);
        var action = await actions.GetAsync(name, withCode: file is not null, invocation.Interruption);
        if (file is not null)
            Save(action, name, file, invocation.Terminal);
        else
            Terminal.PrintDocument(Pretty.Json(action), invocation.Format == OutputFormat.Table ? OutputFormat.Json : invocation.Format);
        return ExitCodes.Completed;
    }

    private static void Save(JsonElement action, string name, string file, Terminal terminal)
    {
        var exec = action.GetProperty("exec");
        if (!exec.TryGetProperty("code", out var code) || code.ValueKind != JsonValueKind.String || code.GetString() is not { Length: > 0 } text)
            throw CommandException.Failure($"The action '{name}' has no code that could be saved: it is of the kind '{(exec.TryGetProperty("kind", out var kind) ? kind.GetString() : "unknown")}'. An image brings its own; a sequence has none.");
        var isBinary = exec.TryGetProperty("binary", out var binary) && binary.ValueKind == JsonValueKind.True;
        var bytes = isBinary ? Convert.FromBase64String(text) : System.Text.Encoding.UTF8.GetBytes(text);
        try
        {
            using var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            target.Write(bytes);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw CommandException.Usage($"--save-as: '{file}' is there already, and is not overwritten. Name another file.");
        }
        terminal.Say($"saved {Humanize.Bytes(bytes.Length)} of {(isBinary ? "archive" : "source")} as {file}");
    }
}
