using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Host.Stored;

/// <summary>The numbers that the Python system stored of a run, on their way from a service to its command line.</summary>
internal static class RecordedJson
{
    public static void Write(Utf8JsonWriter writer, RecordedFigures figures)
    {
        writer.WriteStartObject();
        Number(writer, "seconds", figures.Seconds);
        Number(writer, "actionSeconds", figures.ActionSeconds);
        Number(writer, "inputSize", figures.InputSize);
        writer.WriteStartArray("objects");
        foreach (var used in figures.Objects)
        {
            writer.WriteStartObject();
            writer.WriteString("object", used.Object.Value);
            writer.WriteNumber("lifetime", used.Lifetime);
            writer.WriteNumber("size", used.Size);
            Number(writer, "untilLastRead", used.UntilLastRead);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("attemptSeconds");
        foreach (var (action, attempts) in figures.AttemptSeconds)
        {
            writer.WriteStartArray(action.Value);
            foreach (var attempt in attempts)
                writer.WriteNumberValue(attempt);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static RecordedFigures Read(JsonElement figures) => new(
        Number(figures, "seconds"),
        Number(figures, "actionSeconds"),
        (long?)Number(figures, "inputSize"),
        [.. figures.GetProperty("objects").EnumerateArray().Select(used => new ObjectFigures(ObjectKey.Parse(used.GetProperty("object").GetString()!), used.GetProperty("lifetime").GetDouble(), used.GetProperty("size").GetInt64())
        {
            UntilLastRead = Number(used, "untilLastRead"),
        })],
        figures.GetProperty("attemptSeconds").EnumerateObject().ToDictionary(a => ActionId.Parse(a.Name), a => a.Value.EnumerateArray().Select(t => t.GetDouble()).ToImmutableArray()));

    private static void Number(Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    private static double? Number(JsonElement parent, string name) => parent.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
}
