using System.Globalization;
using System.Text.Json;
using MongoDB.Bson;
using Orchestration.Core.Json;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>JSON as BSON, with the types that Python's driver gives the same values, and back.</summary>
internal static class BsonJson
{
    /// <summary>The value; null when it is too large. Its depth is no matter: JSON has 64 levels at most here, and a document may have 100.</summary>
    public static BsonValue? ToBson(JsonBytes json, int maxBytes)
    {
        if (json.Length > maxBytes)
            return null;
        using var document = json.ToDocument();
        var value = ToBson(document.RootElement);
        // Numbers of an array have names in BSON, so that it may become many times as large.
        return new BsonDocument("v", value).ToBson().Length > maxBytes ? null : value;
    }

    /// <summary>What stands for a value that is left out.</summary>
    public static BsonDocument Omitted(JsonBytes json) => new("__orchestration", new BsonDocument("omitted_bytes", json.Length));

    /// <summary>Whether a value was left out.</summary>
    public static bool IsOmitted(BsonValue value) => value is BsonDocument { ElementCount: 1 } document && document.Contains("__orchestration");

    /// <summary>An integer of 32 bits where it fits, else of 64.</summary>
    public static BsonValue Integer(long value) => value is >= int.MinValue and <= int.MaxValue ? new BsonInt32((int)value) : new BsonInt64(value);

    /// <summary>The value as JSON; what JSON has no form for becomes text.</summary>
    public static JsonBytes ToJson(BsonValue value) => JsonBytes.Write(writer => Write(writer, value));

    private static BsonValue ToBson(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new BsonDocument();
                foreach (var member in element.EnumerateObject())
                    members[Key(member.Name)] = ToBson(member.Value);
                return members;
            case JsonValueKind.Array:
                return new BsonArray(element.EnumerateArray().Select(ToBson));
            case JsonValueKind.String:
                return element.GetString()!;
            case JsonValueKind.Number:
                return element.TryGetInt64(out var number) ? Integer(number) : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                return BsonNull.Value;
        }
    }

    // The server takes no null character in a name, and refuses a dollar at its beginning in updates.
    private static string Key(string name)
    {
        var key = name.Replace("\0", "", StringComparison.Ordinal);
        return key.StartsWith('$') ? "\uFF04" + key[1..] : key;
    }

    private static void Write(Utf8JsonWriter writer, BsonValue value)
    {
        switch (value)
        {
            case BsonDocument document:
                writer.WriteStartObject();
                foreach (var member in document)
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case BsonArray array:
                writer.WriteStartArray();
                foreach (var item in array)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case BsonInt32 or BsonInt64:
                writer.WriteNumberValue(value.ToInt64());
                break;
            case BsonDouble number when double.IsFinite(number.Value):
                writer.WriteNumberValue(number.Value);
                break;
            case BsonBoolean flag:
                writer.WriteBooleanValue(flag.Value);
                break;
            case BsonNull or BsonUndefined or BsonDouble:
                writer.WriteNullValue();
                break;
            case BsonDateTime time:
                writer.WriteStringValue(time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(value.IsString ? value.AsString : value.ToString());
                break;
        }
    }
}
