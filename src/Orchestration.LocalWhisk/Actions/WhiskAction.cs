using System.Text.Json;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>A stored action. Each update makes a new one, so two variables holding the same instance hold the same revision.</summary>
internal sealed record WhiskAction
{
    public required ActionName Name { get; init; }

    public required ActionExec Exec { get; init; }

    public required ActionLimits Limits { get; init; }

    public required ActionVersion Version { get; init; }

    public IReadOnlyList<Entry> Parameters { get; init; } = [];

    public IReadOnlyList<Entry> Annotations { get; init; } = [];

    public bool Publish { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long Updated { get; init; }

    /// <summary>Callers may not send a key that has a stored value.</summary>
    public bool IsFinal => Annotations.Any(a => a.Key == "final" && a.IsTruthy);

    /// <summary>Its result says which action comes next.</summary>
    public bool IsConductor => Annotations.Any(a => a.Key == "conductor" && a.IsTruthy);

    /// <summary>It has no code and runs other actions one after another.</summary>
    public bool IsSequence => Exec.Components.Count > 0;

    /// <summary>A missing annotation means yes: only actions made before the annotation existed lack it.</summary>
    public bool ProvidesApiKey => Annotations.FirstOrDefault(a => a.Key == "provide-api-key") is not { } annotation || annotation.IsTruthy;

    // Identity is what counts: a new revision with equal content is still a new revision.
    public bool Equals(WhiskAction? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>A key with a JSON value: a parameter or an annotation.</summary>
/// <param name="Key">The name.</param>
/// <param name="Json">The value, compact UTF-8 JSON.</param>
/// <param name="Init">Given to the action as an environment variable rather than as an argument.</param>
internal sealed record Entry(string Key, byte[] Json, bool Init = false)
{
    public int Size => System.Text.Encoding.UTF8.GetByteCount(Key) + Json.Length;

    public bool IsTruthy => Json.AsSpan() switch
    {
        var json when json.SequenceEqual("false"u8) || json.SequenceEqual("null"u8) || json.SequenceEqual("\"\""u8) => false,
        var json => !(JsonBytes.KindOf(json) == JsonTokenType.Number && double.Parse(System.Text.Encoding.UTF8.GetString(json), System.Globalization.CultureInfo.InvariantCulture) == 0),
    };

    /// <summary>As an environment variable has it: strings as they are, anything else as JSON.</summary>
    public string AsText()
    {
        using var document = JsonDocument.Parse(Json, JsonBytes.DocumentOptions);
        return document.RootElement.ValueKind == JsonValueKind.String
            ? document.RootElement.GetString()!
            : System.Text.Encoding.UTF8.GetString(Json);
    }
}

/// <param name="Kind">Concrete kind, such as python:3.11.</param>
/// <param name="Code">Source text, or base64 of an archive.</param>
/// <param name="Main">Entry point as the caller named it, if at all.</param>
internal sealed record ActionExec(string Kind, string Code, string? Main)
{
    /// <summary>The kind of an action that runs others.</summary>
    public const string Sequence = "sequence";

    /// <summary>The kind of an action whose runtime is at a URL.</summary>
    public const string Remote = "runtime";

    /// <summary>Where the action's runtime answers <c>/init</c> and <c>/run</c>; null where it is started here.</summary>
    public Uri? Url { get; init; }

    /// <summary>What a sequence runs, in order; nothing for other kinds.</summary>
    public IReadOnlyList<ActionName> Components { get; init; } = [];

    private static readonly System.Buffers.SearchValues<char> Base64 =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>Guessed from the code alone, as OpenWhisk does; what the caller says is ignored.</summary>
    public bool Binary { get; } = LooksLikeBase64(Code);

    public bool IsDotNet => Kind.StartsWith("dotnet:", StringComparison.Ordinal);

    public bool IsPython => Kind.StartsWith("python:", StringComparison.Ordinal);

    public string EntryPoint => Main ?? "main";

    public long Size => System.Text.Encoding.UTF8.GetByteCount(Code) + (long)(Main?.Length ?? 0);

    private static bool LooksLikeBase64(string code)
    {
        var text = code.AsSpan().Trim();
        if (text.IsEmpty || text.Length % 4 != 0)
            return false;
        var end = text[^1] != '=' ? 0 : text[^2] != '=' ? 1 : 2;
        return !text[..^end].ContainsAnyExcept(Base64);
    }
}

/// <summary>Limits in the units of the API: ms, MB, MB, calls.</summary>
internal sealed record ActionLimits(int Timeout, int Memory, int Logs, int Concurrency, int? Instances)
{
    public const int MinTimeoutMilliseconds = 100;
    public const int MinMemoryMegabytes = 128;
    public const int MaxLogsMegabytes = 10;

    public long LogBytes => Logs * 1024L * 1024L;

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("timeout"u8, Timeout);
        writer.WriteNumber("memory"u8, Memory);
        writer.WriteNumber("logs"u8, Logs);
        writer.WriteNumber("concurrency"u8, Concurrency);
        if (Instances is { } instances)
            writer.WriteNumber("instances"u8, instances);
        writer.WriteEndObject();
    }
}

internal readonly record struct ActionVersion(int Major, int Minor, int Patch)
{
    public static ActionVersion First { get; } = new(0, 0, 1);

    public ActionVersion Next() => this with { Patch = Patch + 1 };

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    public static bool TryParse(string text, out ActionVersion version)
    {
        version = default;
        var parts = text.Split('.');
        if (parts.Length is 0 or > 3)
            return false;
        Span<int> numbers = [0, 0, 0];
        for (var i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        version = new ActionVersion(numbers[0], numbers[1], numbers[2]);
        return version != default;
    }
}
