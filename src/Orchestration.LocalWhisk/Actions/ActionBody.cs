using System.Text.Json;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>
/// What the body of a PUT says; null where it says nothing, which an update takes as "keep what is stored".
/// Also reads stored actions, which have the same form.
/// </summary>
internal sealed record ActionBody
{
    public ExecBody? Exec { get; private init; }

    public IReadOnlyList<Entry>? Parameters { get; private init; }

    public IReadOnlyList<Entry>? Annotations { get; private init; }

    public IReadOnlyList<string> DeletedAnnotations { get; private init; } = [];

    public LimitsBody? Limits { get; private init; }

    public ActionVersion? Version { get; private init; }

    public bool? Publish { get; private init; }

    public static ActionBody Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, JsonBytes.DocumentOptions);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ApiException.BadContent("JSON object expected");
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ApiException.BadContent(e.Message);
        }
    }

    public static ActionBody Read(JsonElement body) => new()
    {
        Exec = Member(body, "exec") is { } exec ? ReadExec(exec) : null,
        Parameters = Member(body, "parameters") is { } parameters ? ReadEntries(parameters, "parameters") : null,
        Annotations = Member(body, "annotations") is { } annotations ? ReadEntries(annotations, "annotations") : null,
        DeletedAnnotations = Member(body, "delAnnotations") is { } names ? ReadNames(names) : [],
        Limits = Member(body, "limits") is { } limits ? ReadLimits(limits) : null,
        Version = Member(body, "version") is { } version ? ReadVersion(version) : null,
        Publish = Member(body, "publish") is { } publish ? ReadBoolean(publish) : null,
    };

    private static JsonElement? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static ExecBody ReadExec(JsonElement exec)
    {
        if (exec.ValueKind != JsonValueKind.Object || Member(exec, "kind") is not { ValueKind: JsonValueKind.String } kind)
            throw ApiException.BadContent("'kind' must be a string defined in 'exec'");
        var kindName = kind.GetString()!.Trim().ToLowerInvariant();
        var code = Member(exec, "code");
        if (code is not null and not { ValueKind: JsonValueKind.String })
            throw ApiException.BadContent($"'code' must be a string defined in 'exec' for '{kindName}' actions");
        if (kindName == ActionExec.Sequence)
            return new ExecBody(kindName, null, null) { Components = ReadComponents(exec) };
        var main = Member(exec, "main");
        if (main is not null and not { ValueKind: JsonValueKind.String })
            throw ApiException.BadContent($"if defined, 'main' must be a string in 'exec' for '{kindName}' actions");
        if (kindName == ActionExec.Remote)
            return new ExecBody(kindName, code?.GetString() ?? "", main?.GetString()) { Url = ReadUrl(exec) };
        return new ExecBody(kindName, code?.GetString(), main?.GetString());
    }

    // Only this machine's: whoever may deploy could otherwise have the server call what it alone can reach.
    private static Uri ReadUrl(JsonElement exec) =>
        Member(exec, "url") is { ValueKind: JsonValueKind.String } text && Uri.TryCreate(text.GetString()!.TrimEnd('/') + "/", UriKind.Absolute, out var url)
            && url is { Scheme: "http", IsLoopback: true, UserInfo: "", Query: "", Fragment: "" }
            ? url
            : throw ApiException.BadContent($"'url' must be a string defined in 'exec' for '{ActionExec.Remote}' actions: http, on this machine, such as http://127.0.0.1:8080");

    private static List<string> ReadComponents(JsonElement exec)
    {
        if (Member(exec, "components") is not { ValueKind: JsonValueKind.Array } list || list.EnumerateArray().Any(c => c.ValueKind != JsonValueKind.String))
            throw ApiException.BadContent("'components' must be defined for sequence kind");
        return [.. list.EnumerateArray().Select(c => c.GetString()!)];
    }

    private static List<Entry> ReadEntries(JsonElement list, string what)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw ApiException.BadContent($"{what} malformed!");
        var entries = new List<Entry>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || Member(item, "key") is not { ValueKind: JsonValueKind.String } key || key.GetString() is not { Length: > 0 } name)
                throw ApiException.BadContent($"{what} malformed!");
            var value = item.TryGetProperty("value", out var given) ? given.Raw() : "null"u8.ToArray();
            var init = Member(item, "init") is { ValueKind: JsonValueKind.True };
            entries.RemoveAll(e => e.Key == name);
            entries.Add(new Entry(name, value, init));
        }
        return entries;
    }

    private static List<string> ReadNames(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String))
            throw ApiException.BadContent("'delAnnotations' must be a list of strings");
        return [.. list.EnumerateArray().Select(n => n.GetString()!)];
    }

    private static LimitsBody ReadLimits(JsonElement limits)
    {
        if (limits.ValueKind != JsonValueKind.Object)
            throw ApiException.BadContent("'limits' must be an object");
        return new LimitsBody(
            Whole(limits, "timeout", "time"), Whole(limits, "memory", "memory"), Whole(limits, "logs", "log"),
            Whole(limits, "concurrency", "concurrency"), Whole(limits, "instances", "instance"));
    }

    private static long? Whole(JsonElement limits, string name, string what)
    {
        if (Member(limits, name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
            throw ApiException.BadContent($"{what} limit must be whole number");
        return number;
    }

    private static ActionVersion ReadVersion(JsonElement version)
    {
        if (version.ValueKind != JsonValueKind.String || !ActionVersion.TryParse(version.GetString()!, out var parsed))
            throw ApiException.BadContent("bad semantic version");
        return parsed;
    }

    private static bool ReadBoolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw ApiException.BadContent("'publish' must be true or false"),
    };
}

internal sealed record ExecBody(string Kind, string? Code, string? Main)
{
    /// <summary>Where the runtime is that has the action; null where it is started here.</summary>
    public Uri? Url { get; init; }

    /// <summary>Of a sequence: its components as the caller named them.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];
}

internal sealed record LimitsBody(long? Timeout, long? Memory, long? Logs, long? Concurrency, long? Instances);
