using System.Text.Json;
using Orchestration.LocalWhisk.Http;

namespace Orchestration.LocalWhisk.Actions;

/// <summary>What an action is called with: its stored parameters, overlaid key by key with the request's body.</summary>
internal static class ActionArguments
{
    /// <param name="action">Holds the parameters.</param>
    /// <param name="body">A JSON object, or nothing at all.</param>
    /// <exception cref="ApiException">The action is final, and the body has a parameter that is stored.</exception>
    public static byte[] Merge(ResolvedAction action, byte[] body)
    {
        if (body.Length == 0)
            body = JsonBytes.EmptyObject;
        // A sequence passes on what it is called with; what it stores are its components.
        if (action.Parameters.Count == 0 || action.Action.IsSequence)
            return body;
        if (action.Action.IsFinal)
        {
            using var document = JsonDocument.Parse(body, JsonBytes.DocumentOptions);
            var sent = document.RootElement;
            if (action.Parameters.Any(p => IsDefined(p) && sent.TryGetProperty(p.Key, out _)))
                throw new ApiException(400, "Request defines parameters that are not allowed (e.g., reserved properties).");
        }
        return Overlay(action, body);
    }

    /// <summary>What an action gets from the one before it: an object is laid over its parameters, an array comes as it is.</summary>
    /// <param name="action">Holds the parameters.</param>
    /// <param name="payload">A JSON object or array.</param>
    public static byte[] Overlay(ResolvedAction action, byte[] payload)
    {
        if (action.Parameters.Count == 0 || action.Action.IsSequence || payload[0] != (byte)'{')
            return payload;
        var stored = action.Parameters.Where(p => !p.Init).ToList();
        using var document = JsonDocument.Parse(payload, JsonBytes.DocumentOptions);
        var sent = document.RootElement;
        return JsonBytes.Build(writer =>
        {
            writer.WriteStartObject();
            foreach (var parameter in stored.Where(p => !sent.TryGetProperty(p.Key, out _)))
            {
                writer.WritePropertyName(parameter.Key);
                writer.WriteRaw(parameter.Json);
            }
            foreach (var member in sent.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRaw(System.Text.Encoding.UTF8.GetBytes(member.Value.GetRawText()));
            }
            writer.WriteEndObject();
        });
    }

    public static void RequireObject(byte[] body)
    {
        if (body.Length == 0)
            return;
        switch (JsonBytes.KindOf(body))
        {
            case JsonTokenType.StartObject:
                return;
            case null:
                throw ApiException.BadContent(Problem(body));
            default:
                throw ApiException.BadContent("JSON object expected");
        }
    }

    private static bool IsDefined(Entry parameter) => !parameter.Json.AsSpan().SequenceEqual("null"u8) && !parameter.Json.AsSpan().SequenceEqual("\"\""u8);

    private static string Problem(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, JsonBytes.DocumentOptions);
            return "The text is not UTF-8.";
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }
}
