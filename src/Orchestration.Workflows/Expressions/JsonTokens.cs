using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Orchestration.Core.Json;

namespace Orchestration.Workflows.Expressions;

/// <summary>Turns JSON bytes into the tokens that JmesPath.Net works on, and back.</summary>
internal static class JsonTokens
{
    /// <summary>Reads a value.</summary>
    /// <exception cref="ExpressionException">It holds a number or a text that tokens cannot hold.</exception>
    public static JToken Read(JsonBytes json)
    {
        var reader = new Utf8JsonReader(json.Utf8.Span);
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>Writes a value.</summary>
    /// <param name="token">The value.</param>
    /// <param name="writer">Takes it.</param>
    /// <param name="computed">Whether a number may have been computed: then a whole one is written without a fraction, as JMESPath means it.</param>
    public static void Write(JToken token, Utf8JsonWriter writer, bool computed)
    {
        switch (token)
        {
            case JObject map:
                writer.WriteStartObject();
                foreach (var property in map.Properties())
                {
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer, computed);
                }

                writer.WriteEndObject();
                break;
            case JArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(item, writer, computed);
                writer.WriteEndArray();
                break;
            case JValue { Value: null }:
                writer.WriteNullValue();
                break;
            case JValue { Value: string text }:
                writer.WriteStringValue(text);
                break;
            case JValue { Value: double number }:
                writer.WriteRawValue(NumberText(number, computed), skipInputValidation: true);
                break;
            case JValue value:
                // Whole numbers, booleans, and the dates that JmesPath.Net makes of literals in backquotes.
                writer.WriteRawValue(JsonConvert.ToString(value.Value), skipInputValidation: true);
                break;
        }
    }

    /// <summary>What kind of value it is, for people.</summary>
    public static string Describe(JToken token) => token.Type switch
    {
        JTokenType.Null => "null",
        JTokenType.Object => "an object",
        JTokenType.Array => "a list",
        JTokenType.Boolean => "a boolean",
        JTokenType.Integer or JTokenType.Float => "a number",
        _ => "a text",
    };

    private static JToken Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = Text(ref reader);
                    reader.Read();
                    map[name] = Read(ref reader);
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new JArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Add(Read(ref reader));
                return list;
            case JsonTokenType.String:
                return new JValue(Text(ref reader));
            case JsonTokenType.Number:
                return Number(ref reader);
            case JsonTokenType.Null:
                return JValue.CreateNull();
            default:
                return new JValue(reader.GetBoolean());
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ExpressionException("a value holds text that is not valid Unicode (half of a surrogate pair), which expressions cannot work on; mend the action that returned it.");
        }
    }

    private static JValue Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var whole))
            return new JValue(whole);
        var text = System.Text.Encoding.ASCII.GetString(reader.ValueSpan);
        if (text.Length <= 400 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large))
            return new JValue((object)large);
        var number = reader.GetDouble();
        return double.IsFinite(number)
            ? new JValue(number)
            : throw new ExpressionException($"the number {(text.Length <= 40 ? text : text[..39] + "…")} is out of range for expressions; return it as text.");
    }

    private static string NumberText(double number, bool computed)
    {
        // Beyond 2^53 a double no longer knows its whole digits.
        if (computed && Math.Abs(number) <= 9_007_199_254_740_992 && Math.Floor(number) == number)
            return ((long)number).ToString(CultureInfo.InvariantCulture);
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }
}
