using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Orchestration.Core.Json;

/// <summary>
/// A JSON value kept as its UTF-8 text. Parameters and results pass through the orchestrator unread; only expressions, reports and the
/// reserved members look inside. Equal when the bytes are equal.
/// </summary>
public readonly struct JsonBytes : IEquatable<JsonBytes>
{
    private static readonly byte[] NullText = "null"u8.ToArray();

    private readonly ReadOnlyMemory<byte> _utf8;

    private JsonBytes(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The JSON value <c>null</c>, also the default of this type.</summary>
    public static JsonBytes Null => default;

    /// <summary>The JSON object without members.</summary>
    public static JsonBytes EmptyObject { get; } = new("{}"u8.ToArray());

    /// <summary>The UTF-8 text of the value.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8.IsEmpty ? NullText : _utf8;

    /// <summary>How many bytes the text has.</summary>
    public int Length => Utf8.Length;

    /// <summary>What kind of value this is, from its first byte.</summary>
    public JsonValueKind Kind => Utf8.Span[0] switch
    {
        (byte)'{' => JsonValueKind.Object,
        (byte)'[' => JsonValueKind.Array,
        (byte)'"' => JsonValueKind.String,
        (byte)'t' => JsonValueKind.True,
        (byte)'f' => JsonValueKind.False,
        (byte)'n' => JsonValueKind.Null,
        _ => JsonValueKind.Number,
    };

    /// <summary>Wraps text that is known to be one valid JSON value without white space around it.</summary>
    /// <param name="utf8">The UTF-8 text; not copied, so it must not change afterwards.</param>
    /// <returns>The value.</returns>
    public static JsonBytes FromTrusted(ReadOnlyMemory<byte> utf8) => new(utf8);

    /// <summary>Checks and copies a JSON value.</summary>
    /// <param name="text">JSON text of exactly one value.</param>
    /// <returns>The value in compact form.</returns>
    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static JsonBytes Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>Checks and copies a JSON value.</summary>
    /// <param name="utf8">UTF-8 JSON text of exactly one value.</param>
    /// <returns>The value in compact form.</returns>
    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static JsonBytes Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return From(document.RootElement);
    }

    /// <summary>Copies a parsed value.</summary>
    /// <param name="element">The value.</param>
    /// <returns>The value in compact form; as it is written when it holds an escape for half a surrogate pair, which JSON allows and no text can hold.</returns>
    public static JsonBytes From(JsonElement element)
    {
        try
        {
            return new JsonBytes(JsonOutput.Write(element, static (writer, element) => element.WriteTo(writer)));
        }
        catch (InvalidOperationException)
        {
            return new JsonBytes(JsonMarshal.GetRawUtf8Value(element).ToArray());
        }
    }

    /// <summary>A JSON string.</summary>
    /// <param name="text">The text of the string.</param>
    /// <returns>The value.</returns>
    public static JsonBytes FromString(string text) => Write(writer => writer.WriteStringValue(text));

    /// <summary>Builds a value with a writer.</summary>
    /// <param name="write">Writes exactly one value.</param>
    /// <returns>The value.</returns>
    public static JsonBytes Write(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return new JsonBytes(JsonOutput.Write(write, static (writer, write) => write(writer)));
    }

    /// <summary>Parses the value; the caller disposes the document.</summary>
    /// <returns>A document over this value's bytes.</returns>
    public JsonDocument ToDocument() => JsonDocument.Parse(Utf8);

    /// <inheritdoc />
    public bool Equals(JsonBytes other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is JsonBytes other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>Compares the bytes.</summary>
    public static bool operator ==(JsonBytes left, JsonBytes right) => left.Equals(right);

    /// <summary>Compares the bytes.</summary>
    public static bool operator !=(JsonBytes left, JsonBytes right) => !left.Equals(right);

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
