using System.CommandLine;
using Orchestration.Core.Json;
using Orchestration.Host.Settings;
using Orchestration.Host.Terminals;
using Spectre.Console;

namespace Orchestration.Host.Commands;

/// <summary><c>config show</c>: the settings that hold, and where each comes from.</summary>
internal static class ConfigCommand
{
    private const int SchemaVersion = 1;

    public static Command Create()
    {
        var show = new Command("show", "Show the settings that hold here and where each comes from; secrets are not shown.") { CommonOptions.SecretsFile, CommonOptions.Format, CommonOptions.Json };
        CommonOptions.AddPlatform(show);
        show.Options.Add(CommonOptions.Server);
        ServiceOptions.AddTo(show);
        show.SetAction((line, _) => Invocations.RunAsync(line, Show));
        return new Command("config", "Look at the settings.") { show };
    }

    private static Task<int> Show(Invocation invocation)
    {
        var lines = SettingsReader.Explain(invocation.Line, CommonOptions.Settings, invocation.Settings);
        if (invocation.Format != OutputFormat.Table)
        {
            Terminal.PrintDocument(ToJson(lines).Utf8, invocation.Format);
            return Task.FromResult(ExitCodes.Completed);
        }
        var table = Reports.Columns.NewTable("Setting", "Value", "From");
        table.Columns[0].NoWrap();
        foreach (var line in lines)
            table.AddRow(new Text(line.Name), new Text(line.Value ?? ""), new Text(line.Source, line.IsSet ? Style.Plain : new Style(decoration: Decoration.Dim)));
        invocation.Terminal.Rich.Write(table);
        return Task.FromResult(ExitCodes.Completed);
    }

    private static JsonBytes ToJson(IEnumerable<SettingLine> lines) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteStartArray("settings");
        foreach (var line in lines)
        {
            writer.WriteStartObject();
            writer.WriteString("name", line.Name);
            writer.WriteString("value", line.Value);
            writer.WriteString("source", line.Source);
            writer.WriteBoolean("isSet", line.IsSet);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
