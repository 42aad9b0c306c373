using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Actors.Client;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Host.Api.Batches;

/// <summary>Batches in bodies of requests and answers.</summary>
internal static class BatchJson
{
    private const int DefaultRetries = 3;

    /// <summary>Reads <c>{key?, actions: [{name, params?, reads?, writes?}], parallelism?, retries?, writers?}</c>.</summary>
    /// <exception cref="FormatException">A member is missing or of another kind.</exception>
    public static BatchSpec Read(JsonElement body)
    {
        if (body.Member("actions") is not { ValueKind: JsonValueKind.Array } list)
            throw new FormatException("'actions' takes a list of {\"name\": …, \"params\": {…}}.");
        var writers = body.Text("writers") switch
        {
            null or "single" => Writers.Single,
            "shared" => Writers.Shared,
            var other => throw new FormatException($"'writers' takes single or shared, not '{other}'."),
        };
        var retries = Whole(body, "retries") ?? DefaultRetries;
        return new BatchSpec(body.Text("key"), [.. list.EnumerateArray().Select(ReadAction)], new BatchOptions(Whole(body, "parallelism"), RetryPolicy.Default with { Retries = retries }, writers));
    }

    /// <summary>Writes where a batch stands, with its results once it has ended.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="status"><c>running</c>, <c>ended</c>, or how its orchestration ended before it did.</param>
    /// <param name="results">The results; null until it has ended.</param>
    public static JsonBytes Write(BatchProgress batch, string status, IReadOnlyList<ActionResult>? results) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("key", batch.Key);
        writer.WriteString("status", status);
        writer.WriteNumber("count", batch.Count);
        writer.WriteNumber("succeeded", batch.Succeeded);
        writer.WriteNumber("failed", batch.Failed);
        if (results is not null)
        {
            writer.WriteStartArray("results");
            foreach (var result in results)
                Write(writer, result);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, ActionResult result)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("success", result.Success);
        writer.WriteString("actionId", result.ActionId.Value);
        writer.WritePropertyName(result.Success ? "result" : "error");
        if (result.Success)
            writer.WriteRawValue(result.Result.Utf8.Span, skipInputValidation: true);
        else if (result.Failure!.Raw is { } raw)
            writer.WriteRawValue(raw.Utf8.Span, skipInputValidation: true);
        else
            WriteError(writer, result.Failure);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, Failure failure)
    {
        writer.WriteStartObject();
        writer.WriteString("code", failure.Code);
        writer.WriteString("message", failure.Message);
        writer.WriteNull("meta");
        writer.WriteEndObject();
    }

    private static ActionSpec ReadAction(JsonElement action, int index)
    {
        if (action.ValueKind != JsonValueKind.Object || action.Text("name") is not { Length: > 0 } name)
            throw new FormatException($"'actions[{index}]' takes an object with a 'name'.");
        var parameters = action.Member("params") is { } given ? JsonBytes.From(given) : JsonBytes.EmptyObject;
        return new ActionSpec(name, parameters) { Reads = Objects(action, "reads", index), Writes = Objects(action, "writes", index) };
    }

    private static ImmutableArray<ObjectKey> Objects(JsonElement action, string name, int index) => action.Member(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(o => o.ValueKind == JsonValueKind.String && ObjectKey.TryParse(o.GetString(), out var key)
            ? key
            : throw new FormatException($"'actions[{index}].{name}' takes names of objects, bucket/key."))],
        _ => throw new FormatException($"'actions[{index}].{name}' takes a list of objects, bucket/key."),
    };

    private static int? Whole(JsonElement body, string name) => body.Member(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number
        : throw new FormatException($"'{name}' takes a whole number from 0 up.");
}
