using System.Text.Json;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>Activation records as the API shows them and as they are stored; the stored text is what the API returns.</summary>
internal static class RecordJson
{
    private const string CausedBy = "causedBy";
    private const string Path = "path";

    public static byte[] Full(CompletedActivation completed, string ns, IReadOnlyList<string> logs) =>
        JsonBytes.Build((completed, ns, logs), static (writer, x) => Write(writer, x.completed, x.ns, x.logs));

    /// <summary>The record of an activation whose end nobody saw because the server stopped.</summary>
    public static byte[] Interrupted(AcceptedActivation accepted, string ns) => JsonBytes.Build((accepted, ns), static (writer, x) =>
    {
        writer.WriteStartObject();
        WriteHead(writer, x.accepted.Id, x.accepted.Name, x.accepted.Version, x.ns, x.accepted.Received, x.accepted.Received, 0, x.accepted.Cause);
        WriteResponse(writer, Outcome.WhiskError("The local OpenWhisk stopped while the activation ran. Whether the action finished its work is unknown."));
        writer.WriteStartArray("logs"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("annotations"u8);
        WriteAnnotation(writer, Path, $"{x.ns}/{x.accepted.Name}");
        WriteAnnotation(writer, "kind", x.accepted.Kind);
        if (x.accepted.Cause is not null)
            WriteAnnotation(writer, CausedBy, ActionExec.Sequence);
        WriteFlag(writer, "timeout", false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>What stands for the logs: of a composition the ids of what it ran.</summary>
    public static IReadOnlyList<string> Logs(CompletedActivation completed, IReadOnlyList<string> lines) =>
        completed.Components is { } components ? [.. components.Select(c => c.Activation.IdText)] : lines;

    /// <summary>The item of a list: no response, no logs, no subject, but the status as a number.</summary>
    public static void WriteSummary(Utf8JsonWriter writer, JsonElement record)
    {
        writer.WriteStartObject();
        foreach (var name in (ReadOnlySpan<string>)["namespace", "name", "version", "publish", "annotations", "activationId", "start", "end"])
        {
            writer.WritePropertyName(name);
            record.GetProperty(name).WriteTo(writer);
        }
        if (record.TryGetProperty("cause", out var cause))
            writer.WriteString("cause"u8, cause.GetString());
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
        WriteHead(writer, activation.Id, activation.Action.Name, activation.Action.Version.ToString(), ns, completed.Start, completed.End, completed.Duration, activation.Cause?.Id);
        WriteResponse(writer, completed.Outcome);
        writer.WriteStartArray("logs"u8);
        foreach (var line in Logs(completed, logs))
            writer.WriteStringValue(line);
        writer.WriteEndArray();
        WriteAnnotations(writer, completed, ns);
        writer.WriteEndObject();
    }

    // The first three members are what the index of stored records needs.
    private static void WriteHead(Utf8JsonWriter writer, Guid id, ActionName name, string version, string ns, long start, long end, long duration, Guid? cause)
    {
        writer.WriteString("activationId"u8, Activation.TextOf(id));
        writer.WriteString("name"u8, name.Name);
        writer.WriteNumber("start"u8, start);
        writer.WriteNumber("end"u8, end);
        writer.WriteNumber("duration"u8, duration);
        if (cause is { } causedBy)
            writer.WriteString("cause"u8, Activation.TextOf(causedBy));
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
        var activation = completed.Activation;
        var action = activation.Action;
        var isComposition = completed.Components is not null;
        writer.WriteStartArray("annotations"u8);
        // The last "path" of a record is the one that the index of stored records reads.
        WriteAnnotation(writer, Path, $"{ns}/{action.Name}");
        WriteAnnotation(writer, "kind", isComposition ? ActionExec.Sequence : action.Exec.Kind);
        writer.WriteStartObject();
        writer.WriteString("key"u8, "limits"u8);
        writer.WritePropertyName("value"u8);
        (action.Limits with { Memory = completed.Memory }).Write(writer);
        writer.WriteEndObject();
        if (!isComposition)
        {
            WriteFlag(writer, "timeout", completed.Outcome.TimedOut);
            WriteAnnotation(writer, "waitTime", completed.WaitTime);
        }
        if (completed.InitTime is { } initTime)
            WriteAnnotation(writer, "initTime", initTime);
        if (isComposition)
            WriteFlag(writer, "topmost", activation.Cause is null);
        if (isComposition && !action.IsSequence)
            WriteFlag(writer, "conductor", true);
        if (activation.Cause is not null)
            WriteAnnotation(writer, CausedBy, ActionExec.Sequence);
        if (activation.Resolved.Binding is { } binding)
            WriteAnnotation(writer, "binding", $"{ns}/{binding}");
        writer.WriteEndArray();
    }

    private static void WriteFlag(Utf8JsonWriter writer, string key, bool value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteBoolean("value"u8, value);
        writer.WriteEndObject();
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
