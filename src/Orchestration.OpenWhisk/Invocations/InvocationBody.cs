using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;

namespace Orchestration.OpenWhisk;

/// <summary>
/// The body of an invocation: the action's parameters, then <c>context: {action_id, orch_id}</c> (exactly these two: the old <c>object_store</c> stores the
/// whole of it), then the reserved <c>__orchestration: {attempt, fencing: [{object, number}]}</c>. The parameters' bytes go out as they are.
/// </summary>
public static class InvocationBody
{
    private const string Context = "context";
    private const string Reserved = "__orchestration";

    /// <summary>Says what is wrong with an action's parameters.</summary>
    /// <param name="parameters">Any JSON value.</param>
    /// <returns>One sentence for the person who wrote them; null when they are an object without the members <c>context</c> and <c>__orchestration</c>.</returns>
    public static string? Problem(JsonBytes parameters)
    {
        if (parameters.Kind != JsonValueKind.Object)
            return $"The parameters are {Article(parameters.Kind)}: OpenWhisk takes a JSON object, such as {{\"input\": 1}}.";
        // Names can hide behind \u escapes only; without those and the plain names there is nothing to take apart.
        var text = parameters.Utf8.Span;
        if (text.IndexOf("\"context\""u8) < 0 && text.IndexOf("\"__orchestration\""u8) < 0 && text.IndexOf("\\u"u8) < 0)
            return null;
        return Search(text);
    }

    /// <summary>The whole body of an invocation as text, for those who call an action by other means.</summary>
    /// <param name="request">What to invoke; its parameters are fit for it, see <see cref="Problem"/>.</param>
    /// <returns>A JSON object.</returns>
    public static string Of(InvokeRequest request) => Encoding.UTF8.GetString(Head(request).Span) + Encoding.UTF8.GetString(Tail(request));

    /// <summary>What is sent behind the parameters in place of their closing brace.</summary>
    internal static byte[] Tail(InvokeRequest request) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{(HasMembers(request.Parameters.Utf8.Span) ? "," : "")}\"{Context}\":{{\"action_id\":\"{request.ActionId}\",\"orch_id\":\"{request.OrchestrationId}\"}},\"{Reserved}\":{{\"attempt\":{request.Attempt},\"fencing\":[{Fencing(request)}]}}}}"));

    /// <summary>What is sent first: the parameters without their closing brace.</summary>
    internal static ReadOnlyMemory<byte> Head(InvokeRequest request) => request.Parameters.Utf8[..^1];

    private static string Fencing(InvokeRequest request) => string.Join(',', request.Fencing.Select(f => string.Create(CultureInfo.InvariantCulture,
        $"{{\"object\":\"{JsonEncodedText.Encode(f.Object.Value)}\",\"number\":{f.Number}}}")));

    private static bool HasMembers(ReadOnlySpan<byte> parameters) => parameters[1..^1].IndexOfAnyExcept(" \t\r\n"u8) >= 0;

    private static string? Search(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            return "The parameters are not UTF-8 text.";
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                foreach (var name in (ReadOnlySpan<string>)[Context, Reserved])
                    if (reader.ValueTextEquals(name))
                        return $"The parameters have a member '{name}', a name that the orchestrator uses itself: rename it.";
                reader.Skip();
            }
            return null;
        }
        catch (JsonException e)
        {
            return $"The parameters are not valid JSON: {e.Message}";
        }
    }

    private static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
