using System.Text.Json;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>Actions as the API and the data directory show them.</summary>
internal static class ActionJson
{
    public static void WriteFull(Utf8JsonWriter writer, WhiskAction action, string ns, bool withCode)
    {
        writer.WriteStartObject();
        WriteHead(writer, action, ns);
        writer.WriteStartObject("exec"u8);
        writer.WriteString("kind"u8, action.Exec.Kind);
        if (withCode)
            writer.WriteString("code"u8, action.Exec.Code);
        if (action.Exec.Main is { } main)
            writer.WriteString("main"u8, main);
        writer.WriteBoolean("binary"u8, action.Exec.Binary);
        writer.WriteEndObject();
        writer.WritePropertyName("parameters"u8);
        WriteEntries(writer, action.Parameters);
        WriteTail(writer, action);
        writer.WriteEndObject();
    }

    public static void WriteSummary(Utf8JsonWriter writer, WhiskAction action, string ns)
    {
        writer.WriteStartObject();
        WriteHead(writer, action, ns);
        writer.WriteStartObject("exec"u8);
        writer.WriteBoolean("binary"u8, action.Exec.Binary);
        writer.WriteEndObject();
        WriteTail(writer, action);
        writer.WriteEndObject();
    }

    public static WhiskAction ReadStored(byte[] json)
    {
        using var document = JsonDocument.Parse(json, JsonBytes.DocumentOptions);
        var body = ActionBody.Read(document.RootElement);
        var (exec, limits) = (body.Exec, body.Limits);
        if (exec?.Code is null || limits is not { Timeout: { } timeout, Memory: { } memory, Logs: { } logs, Concurrency: { } concurrency } || body.Version is null)
            throw new JsonException("A stored action lacks 'exec', 'limits' or 'version'.");
        return new WhiskAction
        {
            Name = document.RootElement.GetProperty("name").GetString()!,
            Exec = new ActionExec(exec.Kind, exec.Code, exec.Main),
            Parameters = body.Parameters ?? [],
            Annotations = body.Annotations ?? [],
            Limits = new ActionLimits((int)timeout, (int)memory, (int)logs, (int)concurrency, (int?)limits.Instances),
            Version = body.Version.Value,
            Publish = body.Publish ?? false,
            Updated = document.RootElement.GetProperty("updated").GetInt64(),
        };
    }

    private static void WriteHead(Utf8JsonWriter writer, WhiskAction action, string ns)
    {
        writer.WriteString("namespace"u8, ns);
        writer.WriteString("name"u8, action.Name);
        writer.WriteString("version"u8, action.Version.ToString());
        writer.WriteBoolean("publish"u8, action.Publish);
    }

    private static void WriteTail(Utf8JsonWriter writer, WhiskAction action)
    {
        writer.WritePropertyName("annotations"u8);
        WriteEntries(writer, action.Annotations);
        writer.WritePropertyName("limits"u8);
        action.Limits.Write(writer);
        writer.WriteNumber("updated"u8, action.Updated);
    }

    private static void WriteEntries(Utf8JsonWriter writer, IReadOnlyList<Entry> entries)
    {
        writer.WriteStartArray();
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, entry.Key);
            writer.WritePropertyName("value"u8);
            writer.WriteRaw(entry.Json);
            if (entry.Init)
                writer.WriteBoolean("init"u8, true);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
