using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Orchestration.LocalWhisk;

/// <summary>JSON as UTF-8 bytes: what comes from callers and actions is passed on byte for byte, never rebuilt.</summary>
internal static class JsonBytes
{
    private const int MaxDepth = 1000;

    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = MaxDepth };

    private static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaxDepth };

    public static byte[] EmptyObject { get; } = "{}"u8.ToArray();

    public static byte[] EmptyArray { get; } = "[]"u8.ToArray();

    public static byte[] Build(Action<Utf8JsonWriter> write) => Build(write, static (writer, action) => action(writer));

    public static byte[] Build<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            write(writer, state);
        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteRaw(this Utf8JsonWriter writer, ReadOnlySpan<byte> json) => writer.WriteRawValue(json, skipInputValidation: true);

    public static byte[] Error(string text) => Build(text, static (writer, error) =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, error);
        writer.WriteEndObject();
    });

    /// <summary>The kind of the one JSON value in the text, or null where the text is not exactly one JSON value.</summary>
    public static JsonTokenType? KindOf(ReadOnlySpan<byte> json)
    {
        // The reader itself looks into strings only when asked for their text.
        if (!Utf8.IsValid(json))
            return null;
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            if (!reader.Read())
                return null;
            var kind = reader.TokenType;
            while (reader.Read())
            {
            }
            return kind;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Looks for a member of the top-level object; the last one counts, as in most parsers.</summary>
    public static bool TryGetMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = false;
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!matches)
                continue;
            value = json[start..(int)reader.BytesConsumed];
            found = true;
        }
        return found;
    }

    /// <summary>Drops the white space between tokens; everything else stays as it was written.</summary>
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var compact = new byte[json.Length];
        var length = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (inString)
            {
                compact[length++] = b;
                if (b == (byte)'\\')
                    compact[length++] = json[++i];
                else if (b == (byte)'"')
                    inString = false;
            }
            else if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                compact[length++] = b;
                inString = b == (byte)'"';
            }
        }
        return length == compact.Length ? compact : compact[..length];
    }

    public static byte[] Raw(this JsonElement element) => Compact(System.Text.Encoding.UTF8.GetBytes(element.GetRawText()));
}
