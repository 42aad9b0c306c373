using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestration.Core.Json;

namespace Orchestration.Host.Api;

/// <summary>Bodies of requests and answers.</summary>
internal static class ApiJson
{
    /// <summary>The most bytes of a body: a workflow and its parameters have 8 MB at most, and JSON text escapes some of them.</summary>
    private const int MostBytes = 20_000_000;

    /// <summary>Reads the body; an empty one is an empty object.</summary>
    /// <exception cref="ApiException">It is too large.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">It is no object.</exception>
    public static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var part = new byte[1 << 16];
        var isTooLarge = context.Request.ContentLength > MostBytes;
        while (!isTooLarge && await context.Request.Body.ReadAsync(part, context.RequestAborted) is var count and > 0)
        {
            body.Write(part, 0, count);
            isTooLarge = body.Length > MostBytes;
        }
        if (isTooLarge)
            throw new ApiException(413, "TOO_LARGE", $"The body has more than {MostBytes} bytes. Pass large data through the object store.");
        if (body.Length == 0)
            return JsonDocument.Parse("{}").RootElement;
        var root = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length)).RootElement;
        return root.ValueKind == JsonValueKind.Object ? root : throw new FormatException("the body is not a JSON object.");
    }

    /// <summary>A text member; null when it is missing or null.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static string? Text(this JsonElement body, string name) => Member(body, name) is not { } member ? null
        : member.ValueKind == JsonValueKind.String ? member.GetString()
        : throw new FormatException($"'{name}' takes a text.");

    /// <summary>A member of any kind; null when it is missing or null.</summary>
    public static JsonElement? Member(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>The members of an object as JSON texts; none when it is missing.</summary>
    /// <exception cref="FormatException">It is no object.</exception>
    public static Dictionary<string, JsonBytes> Members(this JsonElement body, string name) => Member(body, name) is not { } member ? []
        : member.ValueKind == JsonValueKind.Object ? member.EnumerateObject().ToDictionary(m => m.Name, m => JsonBytes.From(m.Value))
        : throw new FormatException($"'{name}' takes an object.");

    /// <summary>Writes a member whose value is JSON already.</summary>
    public static void WriteJson(this Utf8JsonWriter writer, string name, JsonBytes value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    public static Task SendAsync(HttpContext context, JsonBytes json, string type = "application/json")
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json.Utf8, context.RequestAborted).AsTask();
    }
}
