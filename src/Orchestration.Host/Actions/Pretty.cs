using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestration.Host.Actions;

/// <summary>JSON for people.</summary>
internal static class Pretty
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Json(JsonElement value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Options))
            value.WriteTo(writer);
        return bytes.ToArray();
    }
}
