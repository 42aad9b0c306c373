namespace Orchestration.Core.Objects;

/// <summary>Names one object of the store: <c>bucket/key</c>, where the key itself may hold slashes.</summary>
public readonly record struct ObjectKey : IComparable<ObjectKey>
{
    private readonly string? _value;

    private ObjectKey(string value) => _value = value;

    /// <summary>The whole name, <c>bucket/key</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>The part before the first slash.</summary>
    public string Bucket => Value[..Value.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The part behind the first slash.</summary>
    public string Key => Value[(Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Composes a name.</summary>
    /// <param name="bucket">The bucket's name, without slashes.</param>
    /// <param name="key">The object's key in the bucket.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">A part is empty, or the bucket holds a slash.</exception>
    public static ObjectKey Of(string bucket, string key) => Parse($"{bucket}/{key}");

    /// <summary>Reads a name.</summary>
    /// <param name="text"><c>bucket/key</c>.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">The text has no slash, or a part is empty.</exception>
    public static ObjectKey Parse(string text) => TryParse(text, out var key)
        ? key
        : throw new FormatException($"'{text}' names no object: it takes bucket/key, such as input-video/clip.mp4.");

    /// <summary>Reads a name without throwing.</summary>
    /// <param name="text"><c>bucket/key</c>.</param>
    /// <param name="key">The name, when the text is one.</param>
    /// <returns>Whether the text names an object.</returns>
    public static bool TryParse(string? text, out ObjectKey key)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var ok = slash > 0 && slash < text!.Length - 1;
        key = ok ? new ObjectKey(text!) : default;
        return ok;
    }

    /// <inheritdoc />
    public int CompareTo(ObjectKey other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>Compares by the name's UTF-16 code units.</summary>
    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    /// <summary>Compares by the name's UTF-16 code units.</summary>
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    /// <summary>Compares by the name's UTF-16 code units.</summary>
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by the name's UTF-16 code units.</summary>
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => Value;
}
