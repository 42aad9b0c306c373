using System.Globalization;
using System.Text.Json;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>Activation records as the API shows them and as they are stored; the stored text is what the API returns.</summary>
internal static class RecordJson
{
    public static byte[] Full(CompletedActivation completed, string ns, IReadOnlyList<string> logs) =>
        JsonBytes.Build((completed, ns, logs), static (writer, x) => Write(writer, x.completed, x.ns, x.logs));

    /// <summary>The record of an activation whose end nobody saw because the server stopped.</summary>
    public static byte[] Interrupted(AcceptedActivation accepted, string ns) => JsonBytes.Build((accepted, ns), static (writer, x) =>
    {
        writer.WriteStartObject();
        WriteHead(writer, x.accepted.Id, x.accepted.Name, x.accepted.Version, x.ns, x.accepted.Received, x.accepted.Received);
        WriteResponse(writer, Outcome.WhiskError("The local OpenWhisk stopped while the activation ran. Whether the action finished its work is unknown."));
        writer.WriteStartArray("logs"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("annotations"u8);
        WriteAnnotation(writer, "path", $"{x.ns}/{x.accepted.Name}");
        WriteAnnotation(writer, "kind", x.accepted.Kind);
        writer.WriteStartObject();
        writer.WriteString("key"u8, "timeout"u8);
        writer.WriteBoolean("value"u8, false);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The item of a list: no response, no logs, no subject, but the status as a number.</summary>
    public static void WriteSummary(Utf8JsonWriter writer, JsonElement record)
    {
        writer.WriteStartObject();
        foreach (var name in (ReadOnlySpan<string>)["namespace", "name", "version", "publish", "annotations", "activationId", "start", "end"])
        {
            writer.WritePropertyName(name);
            record.GetProperty(name).WriteTo(writer);
        }
        writer.WriteNumber("duration"u8, record.GetProperty("end").GetInt64() - record.GetProperty("start").GetInt64());
        var text = record.GetProperty("response").GetProperty("status").GetString();
        var status = Enum.GetValues<OutcomeStatus>().First(s => Outcome.TextOf(s) == text);
        writer.WriteNumber("statusCode"u8, (int)status);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CompletedActivation completed, string ns, IReadOnlyList<string> logs)
    {
        var activation = completed.Activation;
        writer.WriteStartObject();
        WriteHead(writer, activation.Id, activation.Action.Name, activation.Action.Version.ToString(), ns, completed.Start, completed.End);
        WriteResponse(writer, completed.Outcome);
        writer.WriteStartArray("logs"u8);
        foreach (var line in logs)
            writer.WriteStringValue(line);
        writer.WriteEndArray();
        WriteAnnotations(writer, completed, ns);
        writer.WriteEndObject();
    }

    // The first three members are what the index of stored records needs.
    private static void WriteHead(Utf8JsonWriter writer, Guid id, string name, string version, string ns, long start, long end)
    {
        writer.WriteString("activationId"u8, Activation.TextOf(id));
        writer.WriteString("name"u8, name);
        writer.WriteNumber("start"u8, start);
        writer.WriteNumber("end"u8, end);
        writer.WriteNumber("duration"u8, end - start);
        writer.WriteString("namespace"u8, ns);
        writer.WriteString("subject"u8, ns);
        writer.WriteString("version"u8, version);
        writer.WriteBoolean("publish"u8, false);
    }

    private static void WriteResponse(Utf8JsonWriter writer, Outcome outcome)
    {
        writer.WriteStartObject("response"u8);
        writer.WriteString("status"u8, outcome.StatusText);
        writer.WriteBoolean("success"u8, outcome.Status == OutcomeStatus.Success);
        writer.WritePropertyName("result"u8);
        writer.WriteRaw(outcome.Result);
        if (outcome.Size is { } size)
            writer.WriteNumber("size"u8, size);
        writer.WriteEndObject();
    }

    private static void WriteAnnotations(Utf8JsonWriter writer, CompletedActivation completed, string ns)
    {
        var action = completed.Activation.Action;
        writer.WriteStartArray("annotations"u8);
        WriteAnnotation(writer, "path", string.Create(CultureInfo.InvariantCulture, $"{ns}/{action.Name}"));
        WriteAnnotation(writer, "kind", action.Exec.Kind);
        writer.WriteStartObject();
        writer.WriteString("key"u8, "limits"u8);
        writer.WritePropertyName("value"u8);
        action.Limits.Write(writer);
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("key"u8, "timeout"u8);
        writer.WriteBoolean("value"u8, completed.Outcome.TimedOut);
        writer.WriteEndObject();
        WriteAnnotation(writer, "waitTime", completed.WaitTime);
        if (completed.InitTime is { } initTime)
            WriteAnnotation(writer, "initTime", initTime);
        writer.WriteEndArray();
    }

    private static void WriteAnnotation(Utf8JsonWriter writer, string key, string value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteString("value"u8, value);
        writer.WriteEndObject();
    }

    private static void WriteAnnotation(Utf8JsonWriter writer, string key, long value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteNumber("value"u8, value);
        writer.WriteEndObject();
    }
}
