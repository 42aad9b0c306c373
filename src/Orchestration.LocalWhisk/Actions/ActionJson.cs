using System.Text.Json;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>Actions as the API and the data directory show them.</summary>
internal static class ActionJson
{
    public static void WriteFull(Utf8JsonWriter writer, WhiskAction action, string ns, IReadOnlyList<Entry> parameters, bool withCode)
    {
        writer.WriteStartObject();
        WriteHead(writer, action, ns);
        writer.WriteStartObject("exec"u8);
        writer.WriteString("kind"u8, action.Exec.Kind);
        if (action.IsSequence)
            WriteComponents(writer, action, ns);
        else if (withCode)
            writer.WriteString("code"u8, action.Exec.Code);
        if (action.Exec.Url is { } url)
            writer.WriteString("url"u8, url.AbsoluteUri);
        if (action.Exec.Main is { } main)
            writer.WriteString("main"u8, main);
        writer.WriteBoolean("binary"u8, action.Exec.Binary);
        writer.WriteEndObject();
        writer.WritePropertyName("parameters"u8);
        WriteEntries(writer, parameters);
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
        if (exec is null || (exec.Code is null && exec.Components.Count == 0) || limits is not { Timeout: { } timeout, Memory: { } memory, Logs: { } logs, Concurrency: { } concurrency } || body.Version is null)
            throw new JsonException("A stored action lacks 'exec', 'limits' or 'version'.");
        var home = document.RootElement.GetProperty("namespace").GetString()!.Split('/');
        var package = home.ElementAtOrDefault(1);
        return new WhiskAction
        {
            Name = new ActionName(package, document.RootElement.GetProperty("name").GetString()!),
            Exec = new ActionExec(exec.Kind, exec.Code ?? "", exec.Main) { Url = exec.Url, Components = [.. exec.Components.Select(c => ActionName.Resolve(c, home[0]) ?? throw new JsonException($"The component '{c}' is no name."))] },
            Parameters = body.Parameters ?? [],
            Annotations = body.Annotations ?? [],
            Limits = new ActionLimits((int)timeout, (int)memory, (int)logs, (int)concurrency, (int?)limits.Instances),
            Version = body.Version.Value,
            Publish = body.Publish ?? false,
            Updated = document.RootElement.GetProperty("updated").GetInt64(),
        };
    }

    public static void WriteEntries(Utf8JsonWriter writer, IReadOnlyList<Entry> entries)
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

    private static void WriteHead(Utf8JsonWriter writer, WhiskAction action, string ns)
    {
        writer.WriteString("namespace"u8, action.Name.Package is { } package ? $"{ns}/{package}" : ns);
        writer.WriteString("name"u8, action.Name.Name);
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

    private static void WriteComponents(Utf8JsonWriter writer, WhiskAction action, string ns)
    {
        writer.WriteStartArray("components"u8);
        foreach (var component in action.Exec.Components)
            writer.WriteStringValue($"/{ns}/{component}");
        writer.WriteEndArray();
    }
}
