using System.Text.Json;
using Orchestration.Core.Json;

namespace Orchestration.Benchmarks;

/// <summary>The action <c>make</c>: reads the objects of <c>in</c>, writes those of <c>out</c>, and reports both, or the first that is missing, as the contract of actions says.</summary>
internal static class MakeAction
{
    /// <summary>Runs it.</summary>
    /// <param name="body">The body of the invocation.</param>
    /// <returns>Whether it succeeded, and its result or error as JSON.</returns>
    public static (bool IsSuccess, string Result) Run(JsonElement body)
    {
        var store = body.GetProperty("store").GetString()!;
        var (reads, writes, missing) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var key in Keys(body, "in"))
        {
            if (File.Exists(Path.Combine(store, key)))
            {
                reads.Add(key);
                continue;
            }

            missing.Add(key);
            break;
        }

        if (missing.Count == 0)
        {
            foreach (var key in Keys(body, "out"))
            {
                File.WriteAllText(Path.Combine(store, key), key);
                writes.Add(key);
            }
        }

        return (missing.Count == 0, JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            if (missing is [var lost])
            {
                writer.WriteStartObject("error");
                writer.WriteString("code", "NoSuchKey");
                writer.WriteString("message", $"{lost} is gone");
                writer.WriteStartObject("meta");
                writer.WriteString("key", lost);
                writer.WriteEndObject();
            }

            writer.WriteStartObject("__orchestration");
            writer.WriteNumber("v", 1);
            writer.WriteString("actionId", body.GetProperty("context").GetProperty("action_id").GetString());
            writer.WriteNumber("attempt", body.GetProperty("__orchestration").GetProperty("attempt").GetInt32());
            Write(writer, "reads", reads);
            Write(writer, "writes", writes);
            Write(writer, "missing", missing);
            writer.WriteEndObject();
            if (missing.Count > 0)
                writer.WriteEndObject();
            writer.WriteEndObject();
        }).ToString());
    }

    private static IEnumerable<string> Keys(JsonElement body, string name) => body.GetProperty(name).EnumerateArray().Select(k => k.GetString()!);

    private static void Write(Utf8JsonWriter writer, string name, List<string> keys)
    {
        var now = DateTimeOffset.UtcNow;
        writer.WriteStartArray(name);
        foreach (var key in keys)
        {
            writer.WriteStartObject();
            writer.WriteString("object", key);
            writer.WriteNumber("size", key.Length);
            writer.WriteString("time", now);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
