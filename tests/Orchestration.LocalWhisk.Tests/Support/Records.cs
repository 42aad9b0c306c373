using System.Text.Json;

namespace Orchestration.LocalWhisk.Tests.Support;

internal static class Records
{
    /// <summary>The value of an annotation of a record or an entity; null where it has none.</summary>
    public static JsonElement? Annotation(this JsonElement entity, string key)
    {
        foreach (var annotation in entity.GetProperty("annotations").EnumerateArray())
            if (annotation.GetProperty("key").GetString() == key)
                return annotation.GetProperty("value");
        return null;
    }
}
