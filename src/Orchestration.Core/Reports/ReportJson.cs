using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Retries;
using Orchestration.Core.Serialization;
using Orchestration.Core.State;

namespace Orchestration.Core.Reports;

/// <summary>
/// Reports as JSON, schema version 1: times in ISO 8601 UTC, durations in seconds, sizes in bytes, ids as 24 hexadecimal digits. Every
/// member is always there, null where it has no value; later versions of the schema only add members. <c>docs/report.md</c> lists them.
/// </summary>
public static class ReportJson
{
    /// <summary>The value of <c>schemaVersion</c>.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Writes a report as one JSON document.</summary>
    /// <param name="report">The report.</param>
    /// <returns>Compact UTF-8 JSON.</returns>
    public static byte[] ToUtf8(OrchestrationReport report) => JsonOutput.Write(report, Write);

    /// <summary>Writes a report as one JSON value.</summary>
    /// <param name="writer">Where to; a value is expected next. Bodies, results and errors are written as they are stored, also by an indenting writer.</param>
    /// <param name="report">The report.</param>
    public static void Write(Utf8JsonWriter writer, OrchestrationReport report)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("orchId", report.Id.Value);
        writer.WriteString("name", report.Name);
        writer.WriteString("status", NameOf(report.Status));
        Write(writer, report.Error);
        Time(writer, "startedAt", report.StartedAt);
        Time(writer, "finishedAt", report.FinishedAt);
        Seconds(writer, "timeTaken", report.TimeTaken);
        Seconds(writer, "actionTimeTaken", report.ActionTimeTaken);
        Number(writer, "inputSize", report.InputSize);
        writer.WriteJson("output", report.Output);
        writer.WriteStartArray("steps");
        foreach (var step in report.Steps)
            Write(writer, step);
        writer.WriteEndArray();
        writer.WriteStartArray("actions");
        foreach (var action in report.Actions)
            Write(writer, action);
        writer.WriteEndArray();
        writer.WriteStartArray("objects");
        foreach (var usage in report.Objects)
            Write(writer, usage);
        writer.WriteEndArray();
        Write(writer, report.Totals);
        writer.WriteEndObject();
    }

    /// <summary>The name of a status as reports have it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>Lower case, such as <c>completed</c>.</returns>
    public static string NameOf(OrchestrationStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The name of a step's status as reports have it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>Lower case, such as <c>skipped</c>.</returns>
    public static string NameOf(StepStatus status) => status.ToString().ToLowerInvariant();

    private static void Write(Utf8JsonWriter writer, ReportError? error)
    {
        if (error is null)
        {
            writer.WriteNull("error");
            return;
        }

        writer.WriteStartObject("error");
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("step", error.Step);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, StepReport step)
    {
        writer.WriteStartObject();
        writer.WriteString("id", step.Id);
        writer.WriteString("status", NameOf(step.Status));
        writer.WriteNumber("items", step.Items);
        writer.WriteNumber("failed", step.Failed);
        writer.WriteString("reason", step.Reason);
        Write(writer, step.Source);
        writer.WriteString("collected", step.Collected?.Value);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ItemSource? source)
    {
        if (source is null)
        {
            writer.WriteNull("source");
            return;
        }

        writer.WriteStartObject("source");
        writer.WriteString("kind", source.KindName);
        writer.WriteString("place", source.Place);
        writer.WriteNumber("size", source.Size);
        writer.WriteString("etag", source.ETag);
        writer.WriteEndObject();
    }

    /// <summary>Writes one action.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="action">The action.</param>
    public static void Write(Utf8JsonWriter writer, ActionReport action)
    {
        writer.WriteStartObject();
        writer.WriteString("actionId", action.Id.Value);
        writer.WriteString("step", action.Step);
        writer.WriteNumber("index", action.Index);
        writer.WriteString("name", action.Name);
        writer.WriteJson("body", action.Body);
        if (action.Success is { } success)
            writer.WriteBoolean("success", success);
        else
            writer.WriteNull("success");
        writer.WriteJson("result", action.Result);
        writer.WriteJson("error", action.Error);
        writer.WriteNumber("bytesRead", action.BytesRead);
        writer.WriteNumber("bytesWritten", action.BytesWritten);
        writer.WriteStartArray("attempts");
        foreach (var attempt in action.Attempts)
            Write(writer, attempt);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AttemptReport attempt)
    {
        writer.WriteStartObject();
        writer.WriteNumber("attempt", attempt.Number);
        writer.WriteString("activationId", attempt.ActivationId);
        Seconds(writer, "queued", attempt.Queued);
        if (attempt.WaitedForGrant > TimeSpan.Zero)
            Seconds(writer, "waitedForGrant", attempt.WaitedForGrant);
        Time(writer, "start", attempt.Start);
        Time(writer, "end", attempt.End);
        Seconds(writer, "duration", attempt.Duration);
        writer.WriteString("outcome", attempt.Outcome is { } outcome ? AttemptOutcomes.NameOf(outcome) : null);
        writer.WriteJson("error", attempt.Error);
        Write(writer, attempt.Cause);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RecoveryCause? cause)
    {
        if (cause is null)
        {
            writer.WriteNull("cause");
            return;
        }

        writer.WriteStartObject("cause");
        writer.WriteStartArray("recovers");
        foreach (var key in cause.Recovers)
            writer.WriteStringValue(key.Value);
        writer.WriteEndArray();
        Ids(writer, "for", cause.For);
        writer.WriteEndObject();
    }

    /// <summary>Writes what became of one object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="usage">The object.</param>
    public static void Write(Utf8JsonWriter writer, ObjectUsage usage)
    {
        writer.WriteStartObject();
        writer.WriteString("object", usage.Object.Value);
        Time(writer, "putTime", usage.PutTime);
        Time(writer, "getTime", usage.GetTime);
        Number(writer, "putSize", usage.PutSize);
        Number(writer, "getSize", usage.GetSize);
        Seconds(writer, "lifetime", usage.Lifetime);
        Seconds(writer, "orchestrationLifetime", usage.OrchestrationLifetime);
        Ids(writer, "writers", usage.Writers);
        Ids(writer, "readers", usage.Readers);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReportTotals totals)
    {
        writer.WriteStartObject("totals");
        writer.WriteNumber("actions", totals.Actions);
        writer.WriteNumber("attempts", totals.Attempts);
        writer.WriteNumber("retries", totals.Retries);
        writer.WriteNumber("recoveries", totals.Recoveries);
        writer.WriteNumber("recoveredObjects", totals.Recovered.Objects);
        Seconds(writer, "recoveryTimeTaken", totals.Recovered.ActionTime);
        writer.WriteNumber("recoveryBytesRead", totals.Recovered.BytesRead);
        writer.WriteNumber("recoveryBytesWritten", totals.Recovered.BytesWritten);
        writer.WriteNumber("objectsRead", totals.ObjectsRead);
        writer.WriteNumber("bytesRead", totals.BytesRead);
        writer.WriteNumber("objectsWritten", totals.ObjectsWritten);
        writer.WriteNumber("bytesWritten", totals.BytesWritten);
        writer.WriteEndObject();
    }

    private static void Ids(Utf8JsonWriter writer, string name, ImmutableArray<ActionId> ids)
    {
        writer.WriteStartArray(name);
        foreach (var id in ids)
            writer.WriteStringValue(id.Value);
        writer.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        // A DateTime of kind UTC is written with Z, a DateTimeOffset with +00:00.
        if (time is { } value)
            writer.WriteString(name, value.UtcDateTime);
        else
            writer.WriteNull(name);
    }

    private static void Seconds(Utf8JsonWriter writer, string name, TimeSpan? span)
    {
        if (span is { } value)
            writer.WriteNumber(name, value.TotalSeconds);
        else
            writer.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }
}
