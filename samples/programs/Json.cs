using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;

namespace Programs;

/// <summary>Parameters and results, as System.Text.Json sees them.</summary>
internal static class Json
{
    public static JsonBytes Of<T>(T value) => JsonBytes.FromTrusted(JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>An action's result; one that has failed fails the program, and with it the orchestration.</summary>
    public static JsonBytes ResultOf(ActionResult result) => result.Success ? result.Result : throw new InvalidOperationException($"action {result.ActionId}: {result.Failure!.Message}");

    public static JsonElement Member(JsonBytes value, string name)
    {
        using var document = value.ToDocument();
        return document.RootElement.GetProperty(name).Clone();
    }

    public static string Text(JsonBytes value, string name) => Member(value, name).GetString()!;

    public static IReadOnlyList<string> Texts(JsonBytes value, string name) => [.. Member(value, name).EnumerateArray().Select(e => e.GetString()!)];
}
