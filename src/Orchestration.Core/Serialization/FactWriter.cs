using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Serialization;

/// <summary>Writes facts; <see cref="FactReader"/> reads them.</summary>
internal static class FactWriter
{
    public static void Write(Utf8JsonWriter writer, Fact fact)
    {
        writer.WriteStartObject();
        switch (fact)
        {
            case OrchestrationStarted f:
                Begin(writer, "orchestrationStarted", fact);
                writer.WriteString("id", f.Id.Value);
                writer.WriteString("name", f.Name);
                writer.WriteString("apiHost", f.Platform.ApiHost);
                writer.WriteString("namespace", f.Platform.Namespace);
                writer.WriteString("objectStore", f.Platform.ObjectStore);
                if (f.Pipeline is { } pipeline)
                    Write(writer, pipeline);
                writer.WriteJson("clientData", f.ClientData);
                break;
            case Resumed f:
                Begin(writer, "resumed", fact);
                writer.WriteString("owner", f.Owner);
                writer.WriteNumber("epoch", f.Epoch);
                break;
            case ActionsAdded f:
                Begin(writer, "actionsAdded", fact);
                writer.WriteNumber("batch", f.Batch);
                writer.WriteNumber("firstIndex", f.FirstIndex);
                writer.WriteString("firstId", f.FirstId.Value);
                writer.WriteStartArray("actions");
                foreach (var action in f.Actions)
                    SpecJson.Write(writer, action);
                writer.WriteEndArray();
                break;
            case BatchSealed f:
                Begin(writer, "batchSealed", fact);
                writer.WriteNumber("batch", f.Batch);
                writer.WriteString("key", f.Key);
                writer.WriteString("hash", f.Hash);
                writer.WriteNumber("count", f.Count);
                writer.WritePropertyName("options");
                SpecJson.Write(writer, f.Options);
                if (f.Source is { } source)
                    SpecJson.Write(writer, source);
                if (f.Recovery)
                    writer.WriteBoolean("recovery", true);
                break;
            case AttemptStarted f:
                Begin(writer, "attemptStarted", fact);
                Place(writer, f.Batch, f.Index, f.Attempt);
                writer.WriteString("actionId", f.ActionId.Value);
                writer.WriteSpan("queued", f.Queued);
                SpecJson.Write(writer, f.Fencing);
                if (f.WaitedForGrant > TimeSpan.Zero)
                    writer.WriteSpan("waitedForGrant", f.WaitedForGrant);
                break;
            case ActivationAccepted f:
                Begin(writer, "activationAccepted", fact);
                Place(writer, f.Batch, f.Index, f.Attempt);
                writer.WriteString("activationId", f.ActivationId);
                break;
            case AttemptSucceeded f:
                Begin(writer, "attemptSucceeded", fact);
                Place(writer, f.Batch, f.Index, f.Attempt);
                Activation(writer, f.ActivationId, f.Timing);
                writer.WriteJson("result", f.Result);
                Write(writer, f.Objects);
                break;
            case AttemptFailed f:
                Begin(writer, "attemptFailed", fact);
                Place(writer, f.Batch, f.Index, f.Attempt);
                Activation(writer, f.ActivationId, f.Timing);
                writer.WriteString("outcome", AttemptOutcomes.NameOf(f.Outcome));
                Write(writer, f.Failure);
                Write(writer, f.Objects);
                writer.WriteOptional("retryAt", f.RetryAt);
                writer.WriteBoolean("usedRetry", f.UsedRetry);
                writer.WriteTexts("lost", f.Lost, l => l.Value);
                break;
            case InputsPlanned f:
                Begin(writer, "inputsPlanned", fact);
                Place(writer, f.Batch, f.Index);
                SpecJson.Write(writer, "after", f.After);
                break;
            case RerunGranted f:
                Begin(writer, "rerunGranted", fact);
                Place(writer, f.Batch, f.Index);
                break;
            case MadeElsewhere f:
                Begin(writer, "madeElsewhere", fact);
                Place(writer, f.Batch, f.Index);
                writer.WriteOptional("by", f.By?.Value);
                break;
            case InputsLost f:
                Begin(writer, "inputsLost", fact);
                Place(writer, f.Batch, f.Index);
                Write(writer, f.Failure);
                break;
            case ObjectsChanged f:
                Begin(writer, "objectsChanged", fact);
                writer.WriteTexts("objects", f.Objects, o => o.Value);
                break;
            case ChangePlanned f:
                Begin(writer, "changePlanned", fact);
                writer.WriteTexts("objects", f.Objects, o => o.Value);
                break;
            case LateOutcome f:
                Begin(writer, "lateOutcome", fact);
                Place(writer, f.Batch, f.Index, f.Attempt);
                Activation(writer, f.ActivationId, null);
                writer.WriteString("outcome", AttemptOutcomes.NameOf(f.Outcome));
                break;
            case ActionsClosed f:
                Begin(writer, "actionsClosed", fact);
                writer.WriteNumber("batch", f.Batch);
                Write(writer, f.Ranges);
                Write(writer, f.Failure);
                break;
            case ActionsReopened f:
                Begin(writer, "actionsReopened", fact);
                writer.WriteNumber("batch", f.Batch);
                Write(writer, f.Ranges);
                break;
            case OrchestrationReopened:
                Begin(writer, "orchestrationReopened", fact);
                break;
            case ResultsCollected f:
                Begin(writer, "resultsCollected", fact);
                writer.WriteNumber("batch", f.Batch);
                writer.WriteString("object", f.Object.Value);
                writer.WriteNumber("size", f.Size);
                writer.WriteOptional("etag", f.ETag);
                break;
            case StepSkipped f:
                Begin(writer, "stepSkipped", fact);
                writer.WriteString("step", f.Step);
                writer.WriteString("reason", f.Reason);
                break;
            case BatchEnded f:
                Begin(writer, "batchEnded", fact);
                writer.WriteNumber("batch", f.Batch);
                break;
            case OrchestrationCompleted f:
                Begin(writer, "orchestrationCompleted", fact);
                writer.WriteJson("output", f.Output);
                break;
            case OrchestrationFailed f:
                Begin(writer, "orchestrationFailed", fact);
                Write(writer, f.Failure);
                writer.WriteOptional("step", f.Step);
                break;
            case OrchestrationCancelled f:
                Begin(writer, "orchestrationCancelled", fact);
                writer.WriteString("reason", f.Reason);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "No such fact.");
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Failure failure)
    {
        writer.WriteStartObject("failure");
        writer.WriteOptional("code", failure.Code);
        writer.WriteString("message", failure.Message);
        if (failure.Raw is { } raw)
            writer.WriteJson("raw", raw);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ImmutableArray<IndexRange> ranges)
    {
        writer.WriteStartArray("ranges");
        foreach (var range in ranges)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(range.First);
            writer.WriteNumberValue(range.Count);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void Begin(Utf8JsonWriter writer, string type, Fact fact)
    {
        writer.WriteString("t", type);
        writer.WriteString("time", fact.Time);
    }

    private static void Place(Utf8JsonWriter writer, int batch, int index, int attempt)
    {
        Place(writer, batch, index);
        writer.WriteNumber("attempt", attempt);
    }

    private static void Place(Utf8JsonWriter writer, int batch, int index)
    {
        writer.WriteNumber("batch", batch);
        writer.WriteNumber("index", index);
    }

    private static void Activation(Utf8JsonWriter writer, string? id, ActivationTiming? timing)
    {
        writer.WriteOptional("activationId", id);
        if (timing is null)
            return;
        writer.WriteString("start", timing.Start);
        writer.WriteString("end", timing.End);
    }

    private static void Write(Utf8JsonWriter writer, PipelineDefinition pipeline)
    {
        writer.WriteStartObject("pipeline");
        writer.WriteString("kind", pipeline.Kind);
        writer.WriteString("source", pipeline.Source);
        writer.WriteJson("parameters", pipeline.Parameters);
        writer.WriteTexts("steps", pipeline.Steps, s => s);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ObjectReport report)
    {
        if (report.IsEmpty)
            return;
        writer.WriteStartObject("objects");
        Write(writer, "reads", report.Reads);
        Write(writer, "writes", report.Writes);
        Write(writer, "missing", report.Missing);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, ImmutableArray<ObjectAccess> accesses)
    {
        if (accesses.IsEmpty)
            return;
        writer.WriteStartArray(name);
        foreach (var access in accesses)
        {
            writer.WriteStartObject();
            writer.WriteString("object", access.Object.Value);
            writer.WriteNumber("size", access.Size);
            writer.WriteOptional("etag", access.ETag);
            writer.WriteString("time", access.Time);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
