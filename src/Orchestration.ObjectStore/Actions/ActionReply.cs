using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.SharedObjects;

namespace Orchestration.ObjectStore;

/// <summary>Runs the body of a .NET action as the Python package's <c>@store.action</c> does: an exception becomes the error reply, and the reply tells the orchestrator what was read, written and missed.</summary>
public static class ActionReply
{
    private const string Reserved = "__orchestration";

    /// <summary>Runs an action's body with the object store of the environment (<c>STORAGE_ENDPOINT</c>, <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>).</summary>
    /// <param name="invocation">The invocation's body, a JSON object.</param>
    /// <param name="body">The action; returns its result, a JSON object.</param>
    /// <returns>The reply, a JSON object.</returns>
    public static Task<string> RunAsync(string invocation, Func<TrackedObjectStore, Task<string>> body) => RunAsync(invocation, OpenStore(), body);

    /// <summary>Runs an action's body with a store that is given.</summary>
    /// <param name="invocation">The invocation's body, a JSON object.</param>
    /// <param name="store">The store; disposed afterwards when it can be.</param>
    /// <param name="body">The action; returns its result, a JSON object.</param>
    /// <returns>The reply, a JSON object.</returns>
    public static async Task<string> RunAsync(string invocation, IObjectStore store, Func<TrackedObjectStore, Task<string>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        using var owned = store as IDisposable;
        using var document = JsonDocument.Parse(invocation);
        var (context, isAsked) = ContextOf(document.RootElement);
        var tracked = new TrackedObjectStore(store, context);
        JsonBytes reply;
        try
        {
            reply = JsonBytes.Parse(await body(tracked));
            if (reply.Kind != JsonValueKind.Object)
                throw new ActionFailedException("BadResult", $"The action returned a JSON {reply.Kind}; it must return an object.");
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e is ActionFailedException ? e.Message : e.ToString());
            reply = ErrorOf(e);
        }
        return isAsked ? WithReport(reply, await tracked.ToReservedMemberAsync(CancellationToken.None)) : reply.ToString();
    }

    /// <summary>Reads a whole object.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">Which object.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="NoSuchKeyException">It is not there.</exception>
    public static async Task<byte[]> ReadAsync(this TrackedObjectStore store, ObjectKey key, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var content = new MemoryStream();
        return await store.GetAsync(key, content, cancellation) is null ? throw new NoSuchKeyException(key.Value) : content.ToArray();
    }

    private static IObjectStore OpenStore() => Variable("STORAGE_ENDPOINT") is { } location
        ? ObjectStoreFactory.Create(location, Variable("AWS_ACCESS_KEY_ID"), Variable("AWS_SECRET_ACCESS_KEY"))
        : throw new InvalidOperationException("The environment names no object store. Set STORAGE_ENDPOINT to http(s)://host:port or file:DIR; the local OpenWhisk does so.");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // An invocation without an orchestrator has no context, and nobody who would read a report.
    private static (ActionContext Context, bool IsAsked) ContextOf(JsonElement invocation)
    {
        var none = new ActionContext(default, default, 1);
        if (invocation.ValueKind != JsonValueKind.Object
            || !invocation.TryGetProperty("context", out var context) || !invocation.TryGetProperty(Reserved, out var reserved)
            || context.ValueKind != JsonValueKind.Object || reserved.ValueKind != JsonValueKind.Object)
            return (none, false);
        var fencing = reserved.TryGetProperty("fencing", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(e => new FencingNumber(ObjectKey.Parse(e.GetProperty("object").GetString()!), e.GetProperty("number").GetInt64())).ToImmutableArray()
            : [];
        return (new ActionContext(OrchestrationId.Parse(context.GetProperty("orch_id").GetString()!), ActionId.Parse(context.GetProperty("action_id").GetString()!), reserved.GetProperty("attempt").GetInt32()) { Fencing = fencing }, true);
    }

    private static JsonBytes ErrorOf(Exception error) => JsonBytes.Write(writer =>
    {
        var (code, key) = error switch
        {
            ActionFailedException known => (known.Code, known.Key),
            ObjectStoreException store => (store.Code, null),
            _ => (error.GetType().Name, null),
        };
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("code", code);
        writer.WriteString("message", error.Message);
        if (key is null)
        {
            writer.WriteNull("meta");
        }
        else
        {
            writer.WriteStartObject("meta");
            writer.WriteString("key", key);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    // Of an error reply OpenWhisk keeps the member error alone, so the report goes into it.
    private static string WithReport(JsonBytes reply, JsonBytes report) => JsonBytes.Write(writer =>
    {
        using var document = reply.ToDocument();
        var isError = document.RootElement.TryGetProperty("error", out var error);
        writer.WriteStartObject();
        if (isError)
        {
            writer.WriteStartObject("error");
            if (error.ValueKind == JsonValueKind.Object)
                Copy(writer, error);
            else
                writer.WriteString("message", error.ToString());
            Add(writer, report);
            writer.WriteEndObject();
        }
        else
        {
            Copy(writer, document.RootElement);
            Add(writer, report);
        }
        writer.WriteEndObject();
    }).ToString();

    private static void Copy(Utf8JsonWriter writer, JsonElement source)
    {
        foreach (var member in source.EnumerateObject().Where(m => m.Name != Reserved))
            member.WriteTo(writer);
    }

    private static void Add(Utf8JsonWriter writer, JsonBytes report)
    {
        writer.WritePropertyName(Reserved);
        writer.WriteRawValue(report.Utf8.Span, skipInputValidation: true);
    }
}
