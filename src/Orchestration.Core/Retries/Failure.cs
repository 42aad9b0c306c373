using Orchestration.Core.Json;

namespace Orchestration.Core.Retries;

/// <summary>Why an attempt or an orchestration failed, in the shape of the error contract of actions: <c>{code, message, meta}</c>.</summary>
/// <param name="Code">A short name or number as text, such as <c>NoSuchKey</c>; null when the action gave none.</param>
/// <param name="Message">For people.</param>
/// <param name="Raw">The error exactly as the action returned it (it may be any JSON value); null for failures that no action reported.</param>
public sealed record Failure(string? Code, string Message, JsonBytes? Raw = null)
{
    /// <summary>The code of an action that was not run because its batch fails fast.</summary>
    public const string FailFast = "FAIL_FAST";

    /// <summary>The code of an action that was not done when its batch's time was up.</summary>
    public const string StepTimeout = "STEP_TIMEOUT";

    /// <summary>Reads an action's <c>error</c> value.</summary>
    /// <param name="error">Any JSON value; an object with <c>code</c>, <c>message</c>, <c>meta</c> by contract, a plain string from many actions.</param>
    /// <returns>The failure, with <see cref="Raw"/> set.</returns>
    public static Failure FromActionError(JsonBytes error)
    {
        using var document = error.ToDocument();
        var root = document.RootElement;
        if (root.ValueKind == System.Text.Json.JsonValueKind.String)
            return new Failure(null, Text(root), error);
        if (root.ValueKind != System.Text.Json.JsonValueKind.Object)
            return new Failure(null, error.ToString(), error);
        return new Failure(Text(root, "code"), Text(root, "message") ?? error.ToString(), error);
    }

    /// <summary>The error as a JSON value: what the action returned, or else <c>{code, message, meta: null}</c>.</summary>
    /// <returns>A JSON value.</returns>
    public JsonBytes ToJson() => Raw ?? JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("code", Code);
        writer.WriteString("message", Message);
        writer.WriteNull("meta");
        writer.WriteEndObject();
    });

    private static string? Text(System.Text.Json.JsonElement error, string name) =>
        !error.TryGetProperty(name, out var value) ? null : value.ValueKind switch
        {
            System.Text.Json.JsonValueKind.Null => null,
            System.Text.Json.JsonValueKind.String => Text(value),
            _ => value.GetRawText(),
        };

    private static string Text(System.Text.Json.JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON allows an escape for half a surrogate pair (Python's json.dumps writes them); no text can hold it.
            return value.GetRawText();
        }
    }
}
