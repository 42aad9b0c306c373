using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk;

/// <summary>The actions of a namespace as a person handles them: list, look, remove, call (source: OpenWhisk's <c>Actions</c> and <c>Activations</c> routes). Keeps its connections until disposed.</summary>
/// <param name="options">Where and as whom.</param>
/// <exception cref="OpenWhiskException">A setting is not usable.</exception>
public sealed class WhiskActions(OpenWhiskOptions options) : IDisposable
{
    private const int Page = 200;

    // The platform answers after a minute at the latest.
    private static readonly TimeSpan InvokeTimeout = TimeSpan.FromSeconds(90);

    private readonly WhiskConnection _connection = new(options);

    /// <summary>Lists actions, the last changed first.</summary>
    /// <param name="package">Only those of this package; null for all, also those in packages.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The actions.</returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public async Task<IReadOnlyList<ListedAction>> ListAsync(string? package, CancellationToken cancellation = default)
    {
        var all = new List<ListedAction>();
        while (true)
        {
            var below = package is null ? "" : "/" + Uri.EscapeDataString(package) + "/";
            var path = string.Create(CultureInfo.InvariantCulture, $"/{Uri.EscapeDataString(options.Namespace)}/actions{below}?limit={Page}&skip={all.Count}");
            using var reply = await Answers.GetAsync(_connection, path, cancellation);
            if (reply.Status == 404 && package is not null && reply.ErrorText() is not null)
                throw new OpenWhiskException($"There is no package '{package}' at {_connection.Place}. Leave the name out to list the actions of all packages.");
            if (reply.Status != 200)
                throw Answers.Refused(_connection.Place, reply, "list actions");
            using var document = Answers.TryParse(reply);
            if (document?.RootElement is not { ValueKind: JsonValueKind.Array } list)
                throw Answers.NotOpenWhisk(_connection.Place, reply);
            all.AddRange(list.EnumerateArray().Select(ListedAction.Read));
            if (list.GetArrayLength() < Page)
                return all;
        }
    }

    /// <summary>Reads an action.</summary>
    /// <param name="name">Its name: <c>name</c>, <c>package/name</c> or <c>/namespace/package/name</c>.</param>
    /// <param name="withCode">Whether its code is wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The action as OpenWhisk tells it.</returns>
    /// <exception cref="OpenWhiskException">There is none, or OpenWhisk cannot be reached or refuses.</exception>
    public async Task<JsonElement> GetAsync(string name, bool withCode, CancellationToken cancellation = default)
    {
        var target = Target(name);
        using var reply = await Answers.GetAsync(_connection, target.Path + (withCode ? "" : "?code=false"), cancellation);
        return reply.Status == 200 ? Json(reply) : throw Problem(reply, target, $"tell of {target}");
    }

    /// <summary>Removes an action.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when it is removed.</returns>
    /// <exception cref="OpenWhiskException">There is none, or OpenWhisk cannot be reached or refuses.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancellation = default)
    {
        var target = Target(name);
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Delete, _connection.Url(target.Path), null, options.RequestTimeout, cancellation));
        if (reply.Status != 200)
            throw Problem(reply, target, $"remove {target}");
    }

    /// <summary>Calls an action once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <param name="isBlocking">Whether to wait for the end as long as the platform holds the call, a minute at most.</param>
    /// <param name="cancellation">Gives up waiting; the activation goes on.</param>
    /// <returns>The activation's id, and its record when it has ended.</returns>
    /// <exception cref="OpenWhiskException">There is none, or OpenWhisk cannot be reached or refuses.</exception>
    public async Task<InvokedAction> InvokeAsync(string name, JsonBytes parameters, bool isBlocking, CancellationToken cancellation = default)
    {
        var target = Target(name);
        var url = _connection.Url(target.Path + (isBlocking ? "?blocking=true" : "?blocking=false"));
        using var reply = await Answers.OrThrow(_connection.SendAsync(HttpMethod.Post, url, new OnceContent(parameters.Utf8, default), InvokeTimeout, cancellation));
        using var document = Answers.TryParse(reply);
        // A failed action is answered with 502 and its record.
        if (reply.Status is 200 or 202 or 502 && document?.RootElement is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("activationId", out var id) && id.ValueKind == JsonValueKind.String)
            return new InvokedAction(id.GetString()!, body.TryGetProperty("response", out _) ? body.Clone() : null);
        throw Problem(reply, target, $"run {target}");
    }

    /// <summary>Reads an activation's record.</summary>
    /// <param name="activationId">Its id.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The record; null when there is none (yet).</returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public async Task<JsonElement?> FindActivationAsync(string activationId, CancellationToken cancellation = default)
    {
        using var reply = await Answers.GetAsync(_connection, $"/_/activations/{Uri.EscapeDataString(activationId)}", cancellation);
        return reply.Status switch
        {
            200 => Json(reply),
            404 when reply.ErrorText() is not null => null,
            _ => throw Answers.Refused(_connection.Place, reply, $"show activation {activationId}"),
        };
    }

    /// <summary>Looks for the latest activation of an action, or of any.</summary>
    /// <param name="name">The action's name, <c>name</c> or <c>package/name</c>; null for any.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its id; null when there is none.</returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public async Task<string?> FindLatestAsync(string? name, CancellationToken cancellation = default)
    {
        var filter = name is null ? "" : "&name=" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        using var reply = await Answers.GetAsync(_connection, "/_/activations?limit=1" + filter, cancellation);
        if (reply.Status != 200)
            throw Answers.Refused(_connection.Place, reply, "list activations");
        using var document = Answers.TryParse(reply);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Array } list)
            throw Answers.NotOpenWhisk(_connection.Place, reply);
        return list.GetArrayLength() == 0 ? null : list[0].GetProperty("activationId").GetString();
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    private ActionTarget Target(string name) => ActionTarget.TryParse(name, options.Namespace, out var target, out var problem) ? target : throw new OpenWhiskException(problem);

    private JsonElement Json(WhiskReply reply)
    {
        if (reply.TooLong)
            throw new OpenWhiskException($"The answer of {_connection.Place} has more than {options.MaxReplyBytes} bytes, which are not read. Ask without the code.");
        using var document = Answers.TryParse(reply);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } body ? body.Clone() : throw Answers.NotOpenWhisk(_connection.Place, reply);
    }

    private OpenWhiskException Problem(WhiskReply reply, ActionTarget target, string deed) => reply.Status == 404 && reply.ErrorText() is not null
        ? new OpenWhiskException($"There is no {target} at {_connection.Place}. Look at the names with 'action list', or deploy it with 'action deploy'.")
        : Answers.Refused(_connection.Place, reply, deed);
}

/// <summary>An action in a list.</summary>
/// <param name="Name">Its name with the package's in front, <c>package/name</c>, when it is in one.</param>
/// <param name="Kind">The runtime; empty when the platform does not tell.</param>
/// <param name="Version">Its version.</param>
/// <param name="Updated">When it was changed last; null when the platform does not tell.</param>
/// <param name="Timeout">How long one run may take; null when the platform does not tell.</param>
/// <param name="MemoryMegabytes">Memory in MB; null when the platform does not tell.</param>
public sealed record ListedAction(string Name, string Kind, string Version, DateTimeOffset? Updated, TimeSpan? Timeout, long? MemoryMegabytes)
{
    internal static ListedAction Read(JsonElement action)
    {
        var (name, space) = (Text(action, "name") ?? "", Text(action, "namespace") ?? "");
        var slash = space.IndexOf('/', StringComparison.Ordinal);
        var limits = action.TryGetProperty("limits", out var told) && told.ValueKind == JsonValueKind.Object ? told : default;
        return new ListedAction(
            slash < 0 ? name : $"{space[(slash + 1)..]}/{name}",
            KindOf(action),
            Text(action, "version") ?? "",
            Number(action, "updated") is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null,
            Number(limits, "timeout") is { } timeout ? TimeSpan.FromMilliseconds(timeout) : null,
            Number(limits, "memory"));
    }

    // Lists leave the code out, and tell the kind by an annotation.
    private static string KindOf(JsonElement action) =>
        action.TryGetProperty("annotations", out var list) && list.ValueKind == JsonValueKind.Array
        && list.EnumerateArray().FirstOrDefault(a => Text(a, "key") == "exec") is { ValueKind: JsonValueKind.Object } exec ? Text(exec, "value") ?? "" : "";

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}

/// <summary>What a call of an action gave.</summary>
/// <param name="ActivationId">The activation.</param>
/// <param name="Record">Its record when it has ended already; else null.</param>
public sealed record InvokedAction(string ActivationId, JsonElement? Record);
