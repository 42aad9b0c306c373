using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestration.Core.Json;

namespace Orchestration.Core.Serialization;

/// <summary>Short forms for reading and writing members.</summary>
internal static class JsonAccess
{
    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static string? TextOrNull(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static int Int(this JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static int IntOrZero(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    public static bool Flag(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.GetBoolean();

    public static DateTimeOffset Time(this JsonElement json, string name) => json.GetProperty(name).GetDateTimeOffset();

    public static DateTimeOffset? TimeOrNull(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetDateTimeOffset() : null;

    public static TimeSpan? SpanOrNull(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? TimeSpan.ParseExact(value.GetString()!, "c", CultureInfo.InvariantCulture) : null;

    public static JsonBytes Json(this JsonElement json, string name) => Copy(json.GetProperty(name));

    public static JsonBytes? JsonOrNull(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? Copy(value) : null;

    public static ImmutableArray<T> Texts<T>(this JsonElement json, string name, Func<string, T> parse) =>
        json.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(v => parse(v.GetString()!))] : [];

    public static void WriteJson(this Utf8JsonWriter writer, string name, JsonBytes value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    public static void WriteSpan(this Utf8JsonWriter writer, string name, TimeSpan value) =>
        writer.WriteString(name, value.ToString("c", CultureInfo.InvariantCulture));

    public static void WriteOptional(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    public static void WriteOptional(this Utf8JsonWriter writer, string name, int value)
    {
        if (value != 0)
            writer.WriteNumber(name, value);
    }

    public static void WriteOptional(this Utf8JsonWriter writer, string name, DateTimeOffset? value)
    {
        if (value is { } time)
            writer.WriteString(name, time);
    }

    public static void WriteTexts<T>(this Utf8JsonWriter writer, string name, ImmutableArray<T> values, Func<T, string> text)
    {
        if (values.IsEmpty)
            return;
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(text(value));
        writer.WriteEndArray();
    }

    // The stored text is taken as it is, so that numbers and escapes come back exactly as an action wrote them.
    private static JsonBytes Copy(JsonElement value) => JsonBytes.FromTrusted(JsonMarshal.GetRawUtf8Value(value).ToArray());
}
