using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Recovery;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Serialization;

/// <summary>Actions, options and retry policies as JSON. Members that hold their default are left out.</summary>
internal static class SpecJson
{
    public static void Write(Utf8JsonWriter writer, ActionSpec spec)
    {
        writer.WriteStartObject();
        writer.WriteString("name", spec.Name);
        writer.WriteJson("parameters", spec.Parameters);
        writer.WriteTexts("reads", spec.Reads, r => r.Value);
        writer.WriteTexts("writes", spec.Writes, w => w.Value);
        if (spec.Retry is { } retry)
        {
            writer.WritePropertyName("retry");
            Write(writer, retry);
        }

        if (!spec.Secrets.IsEmpty)
        {
            writer.WriteStartArray("secrets");
            foreach (var secret in spec.Secrets)
            {
                writer.WriteStartObject();
                writer.WriteString("name", secret.Name);
                writer.WriteString("at", secret.Pointer);
                writer.WriteNumber("offset", secret.Offset);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (spec.Job is { } job)
        {
            writer.WriteStartObject("job");
            writer.WriteString("actionId", job.ActionId.Value);
            Write(writer, "after", job.After);
            writer.WriteTexts("objects", job.Objects, o => o.Value);
            writer.WriteTexts("onto", job.Onto, o => o.Value);
            writer.WriteTexts("partial", job.Partial, o => o.Value);
            writer.WriteEndObject();
        }

        if (spec.IsCheck)
            writer.WriteBoolean("check", true);

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, string name, ImmutableArray<Place> places)
    {
        if (places.IsEmpty)
            return;
        writer.WriteStartArray(name);
        foreach (var place in places)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(place.Batch);
            writer.WriteNumberValue(place.Index);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    public static ImmutableArray<Place> ReadPlaces(JsonElement json, string name) => json.TryGetProperty(name, out var places)
        ? [.. places.EnumerateArray().Select(p => new Place(p[0].GetInt32(), p[1].GetInt32()))]
        : [];

    public static void Write(Utf8JsonWriter writer, ImmutableArray<FencingNumber> fencing)
    {
        if (fencing.IsEmpty)
            return;
        writer.WriteStartArray("fencing");
        foreach (var (key, number) in fencing)
        {
            writer.WriteStartObject();
            writer.WriteString("object", key.Value);
            writer.WriteNumber("number", number);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static ImmutableArray<FencingNumber> ReadFencing(JsonElement json) => json.TryGetProperty("fencing", out var fencing)
        ? [.. fencing.EnumerateArray().Select(f => new FencingNumber(ObjectKey.Parse(f.Text("object")), f.GetProperty("number").GetInt64()))]
        : [];

    private static RecoveryJob? ReadJob(JsonElement json)
    {
        if (!json.TryGetProperty("job", out var job))
            return null;
        return new RecoveryJob(ActionId.Parse(job.Text("actionId")), ReadPlaces(job, "after"), job.Texts("objects", ObjectKey.Parse))
        {
            Onto = job.Texts("onto", ObjectKey.Parse),
            Partial = job.Texts("partial", ObjectKey.Parse),
        };
    }

    public static ActionSpec ReadSpec(JsonElement json) => new(json.Text("name"), json.Json("parameters"))
    {
        Reads = json.Texts("reads", ObjectKey.Parse),
        Writes = json.Texts("writes", ObjectKey.Parse),
        Retry = json.TryGetProperty("retry", out var retry) ? ReadRetry(retry) : null,
        Secrets = json.TryGetProperty("secrets", out var secrets)
            ? [.. secrets.EnumerateArray().Select(s => new SecretReference(s.Text("at"), s.Int("offset"), s.Text("name")))]
            : [],
        Job = ReadJob(json),
        IsCheck = json.Flag("check"),
    };

    public static void Write(Utf8JsonWriter writer, ItemSource source)
    {
        writer.WriteStartObject("source");
        writer.WriteString("kind", source.KindName);
        writer.WriteString("place", source.Place);
        writer.WriteNumber("size", source.Size);
        writer.WriteOptional("etag", source.ETag);
        writer.WriteEndObject();
    }

    public static ItemSource? ReadSource(JsonElement json) => json.TryGetProperty("source", out var source)
        ? new ItemSource(source.Text("kind") == "objects" ? ItemKind.Objects : ItemKind.Lines, source.Text("place"), source.GetProperty("size").GetInt64(), source.TextOrNull("etag"))
        : null;

    public static void Write(Utf8JsonWriter writer, BatchOptions options)
    {
        writer.WriteStartObject();
        if (options.Parallelism is { } parallelism)
            writer.WriteNumber("parallelism", parallelism);
        writer.WriteString("writers", options.Writers == Writers.Shared ? "shared" : "single");
        writer.WritePropertyName("retry");
        Write(writer, options.Retry);
        if (options.FailFast)
            writer.WriteBoolean("failFast", true);
        if (options.Timeout is { } timeout)
            writer.WriteSpan("timeout", timeout);
        writer.WriteEndObject();
    }

    public static BatchOptions ReadOptions(JsonElement json) => new(
        json.TryGetProperty("parallelism", out var parallelism) ? parallelism.GetInt32() : null,
        ReadRetry(json.GetProperty("retry")),
        json.Text("writers") == "shared" ? Writers.Shared : Writers.Single)
    {
        FailFast = json.Flag("failFast"),
        Timeout = json.SpanOrNull("timeout"),
    };

    private static void Write(Utf8JsonWriter writer, RetryPolicy policy)
    {
        var usual = RetryPolicy.Default;
        writer.WriteStartObject();
        if (policy.Retries != usual.Retries)
            writer.WriteNumber("retries", policy.Retries);
        if (policy.Backoff != usual.Backoff)
            writer.WriteString("backoff", policy.Backoff switch { BackoffKind.None => "none", BackoffKind.Fixed => "fixed", _ => "exponential" });
        if (policy.Initial != usual.Initial)
            writer.WriteSpan("initial", policy.Initial);
        if (!policy.Factor.Equals(usual.Factor))
            writer.WriteNumber("factor", policy.Factor);
        if (policy.Max != usual.Max)
            writer.WriteSpan("max", policy.Max);
        if (policy.Jitter != usual.Jitter)
            writer.WriteBoolean("jitter", policy.Jitter);
        if (policy.AttemptTimeout is { } attempt)
            writer.WriteSpan("attemptTimeout", attempt);
        if (policy.OverallTimeout is { } overall)
            writer.WriteSpan("overallTimeout", overall);
        if (!policy.RetryOn.SequenceEqual(usual.RetryOn))
        {
            writer.WriteStartArray("retryOn");
            foreach (var outcome in policy.RetryOn)
                writer.WriteStringValue(AttemptOutcomes.NameOf(outcome));
            writer.WriteEndArray();
        }

        writer.WriteTexts("retryCodes", policy.RetryCodes, c => c);
        writer.WriteTexts("neverRetryCodes", policy.NeverRetryCodes, c => c);
        writer.WriteEndObject();
    }

    private static RetryPolicy ReadRetry(JsonElement json)
    {
        var usual = RetryPolicy.Default;
        return new RetryPolicy
        {
            Retries = json.TryGetProperty("retries", out var retries) ? retries.GetInt32() : usual.Retries,
            Backoff = json.TextOrNull("backoff") switch { "none" => BackoffKind.None, "fixed" => BackoffKind.Fixed, _ => BackoffKind.Exponential },
            Initial = json.SpanOrNull("initial") ?? usual.Initial,
            Factor = json.TryGetProperty("factor", out var factor) ? factor.GetDouble() : usual.Factor,
            Max = json.SpanOrNull("max") ?? usual.Max,
            Jitter = !json.TryGetProperty("jitter", out var jitter) || jitter.GetBoolean(),
            AttemptTimeout = json.SpanOrNull("attemptTimeout"),
            OverallTimeout = json.SpanOrNull("overallTimeout"),
            RetryOn = json.TryGetProperty("retryOn", out var outcomes)
                ? [.. outcomes.EnumerateArray().Select(o => Outcome(o.GetString()!))]
                : usual.RetryOn,
            RetryCodes = json.Texts("retryCodes", c => c),
            NeverRetryCodes = json.Texts("neverRetryCodes", c => c),
        };
    }

    internal static AttemptOutcome Outcome(string name) => AttemptOutcomes.TryParse(name, out var outcome)
        ? outcome
        : throw new FormatException($"'{name}' is no attempt outcome known to this version; the data was written by a newer one.");
}
