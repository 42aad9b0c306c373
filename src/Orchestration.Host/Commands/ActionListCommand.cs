using System.CommandLine;
using System.Globalization;
using Orchestration.Core.Json;
using Orchestration.Host.Actions;
using Orchestration.Host.Reports;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;
using Spectre.Console;

namespace Orchestration.Host.Commands;

/// <summary><c>action list</c>: the actions of a namespace.</summary>
internal static class ActionListCommand
{
    private static readonly Argument<string?> Package = new("PACKAGE")
    {
        Description = "Only the actions of this package [default: all]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command("list", "List actions, the last changed first.") { Package, CommonOptions.Format, CommonOptions.Json }.WithOpenWhisk();
        command.SetWhiskAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, WhiskAccess whisk)
    {
        using var actions = new WhiskActions(whisk.Options);
        var list = await actions.ListAsync(invocation.Line.GetValue(Package), invocation.Interruption);
        if (invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(ToJson(list).Utf8, invocation.Format);
        else if (list.Count == 0)
            invocation.Terminal.Say($"There is no action on {whisk.Place}. '{CommandName.Text} action deploy PATH' puts one there.");
        else
            invocation.Terminal.WriteLines(_ => TableOf(list));
        return ExitCodes.Completed;
    }

    private static Table TableOf(IReadOnlyList<ListedAction> list)
    {
        var table = Reports.Columns.NewTable("Action", "Kind", "Version", "Changed").WithNumbers("Timeout", "Memory");
        foreach (var action in list)
        {
            table.AddRow(
                new Text(Terminal.Plain(action.Name)), new Text(Terminal.Plain(action.Kind)), new Text(Terminal.Plain(action.Version)), new Text(action.Updated is { } time ? Humanize.Time(time) : ""),
                new Text(action.Timeout is { } limit ? Humanize.Duration(limit) : ""), new Text(action.MemoryMegabytes is { } memory ? string.Create(CultureInfo.InvariantCulture, $"{memory} MB") : ""));
        }
        return table;
    }

    private static JsonBytes ToJson(IReadOnlyList<ListedAction> list) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("actions");
        foreach (var action in list)
        {
            writer.WriteStartObject();
            writer.WriteString("name", action.Name);
            writer.WriteString("kind", action.Kind);
            writer.WriteString("version", action.Version);
            if (action.Updated is { } updated)
                writer.WriteString("updated", updated);
            if (action.Timeout is { } timeout)
                writer.WriteNumber("timeoutMs", (long)timeout.TotalMilliseconds);
            if (action.MemoryMegabytes is { } memory)
                writer.WriteNumber("memoryMb", memory);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
