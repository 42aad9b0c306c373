using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Json;

namespace Orchestration.Core.Actions;

/// <summary>Puts values of secrets into parameters, and takes them out of what comes back.</summary>
public static class SecretText
{
    /// <summary>What a secret's value is replaced by.</summary>
    public const string Mask = "***";

    /// <summary>Puts the values in.</summary>
    /// <param name="parameters">The parameters as they are stored.</param>
    /// <param name="references">Where values belong.</param>
    /// <param name="valueOf">Gives a secret's value; null when there is none.</param>
    /// <param name="missing">The first secret without a value; null when every one has its value.</param>
    /// <returns>The parameters to send; the stored ones when a value is missing.</returns>
    public static JsonBytes Resolve(JsonBytes parameters, ImmutableArray<SecretReference> references, Func<string, string?> valueOf, out string? missing)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        missing = null;
        foreach (var name in references.Select(r => r.Name).Distinct())
        {
            if (valueOf(name) is not { } value)
            {
                missing = name;
                return parameters;
            }

            values[name] = value;
        }

        var places = references.GroupBy(r => r.Pointer).ToDictionary(g => g.Key, g => g.OrderByDescending(r => r.Offset).ToArray());
        using var document = parameters.ToDocument();
        return JsonBytes.Write(writer => Write(writer, document.RootElement, "", (pointer, text) => places.TryGetValue(pointer, out var here)
            ? here.Aggregate(text, (t, r) => t[..r.Offset] + values[r.Name] + t[(r.Offset + r.Placeholder.Length)..])
            : null));
    }

    /// <summary>Takes values out of text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="values">The values, none empty.</param>
    /// <returns>The text with <see cref="Mask"/> for each of them.</returns>
    public static string Masked(string text, IReadOnlyCollection<string> values)
    {
        // A value that holds another one goes first, or its rest would stay.
        foreach (var value in values.OrderByDescending(v => v.Length))
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        return text;
    }

    /// <summary>Takes values out of the texts, names and numbers of a JSON value.</summary>
    /// <param name="json">Any JSON value.</param>
    /// <param name="values">The values, none empty.</param>
    /// <returns>The same bytes when it holds none of them.</returns>
    public static JsonBytes Masked(JsonBytes json, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0)
            return json;
        using var document = json.ToDocument();
        var found = false;
        var masked = JsonBytes.Write(writer => Write(writer, document.RootElement, "", (_, text) =>
        {
            var without = Masked(text, values);
            found |= without != text;
            return without == text ? null : without;
        }));
        return found ? masked : json;
    }

    /// <summary>The JSON pointer (RFC 6901) of a member or an item.</summary>
    /// <param name="pointer">Of what holds it; empty for the whole value.</param>
    /// <param name="name">The member's name, or the item's place from 0 up.</param>
    /// <returns>The pointer.</returns>
    public static string PointerTo(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    private static void Write(Utf8JsonWriter writer, JsonElement value, string pointer, Func<string, string, string?> replace)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    // The place of a name is none that a reference can have.
                    var name = NameOf(member);
                    writer.WritePropertyName(replace("~", name) ?? name);
                    Write(writer, member.Value, PointerTo(pointer, name), replace);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, PointerTo(pointer, (index++).ToString(System.Globalization.CultureInfo.InvariantCulture)), replace);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String when TextOf(value) is { } text && replace(pointer, text) is { } replaced:
                writer.WriteStringValue(replaced);
                break;
            case JsonValueKind.Number when replace("~", value.GetRawText()) is { } replaced:
                writer.WriteStringValue(replaced);
                break;
            default:
                writer.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
                break;
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    // JSON allows an escape for half a surrogate pair, which no text can hold.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
