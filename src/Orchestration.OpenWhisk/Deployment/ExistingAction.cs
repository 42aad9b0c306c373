using System.Text.Json;

namespace Orchestration.OpenWhisk;

/// <summary>Compares an action as OpenWhisk tells of it with one that is to be deployed.</summary>
internal static class ExistingAction
{
    public static bool Equals(JsonElement stored, ActionDeployment action, ActionExecutable executable) =>
        stored.TryGetProperty("exec", out var exec) && exec.ValueKind == JsonValueKind.Object
        && IsOfKind(Text(exec, "kind") ?? "", executable.Kind)
        && (Text(exec, "image") ?? "") == (executable.Image ?? "")
        && (Text(exec, "code") ?? "").AsSpan().Trim().SequenceEqual(executable.Code.AsSpan().Trim())
        && (action.Main is null || Text(exec, "main") == action.Main)
        && HasLimits(stored, action);

    // The default is stored as the version that it stood for; of a version that is given only a part, the rest is the platform's.
    private static bool IsOfKind(string stored, string wanted) =>
        stored == wanted || (wanted.EndsWith(":default", StringComparison.Ordinal) ? stored.StartsWith(wanted[..^"default".Length], StringComparison.Ordinal) : stored.StartsWith(wanted + ".", StringComparison.Ordinal));

    private static bool HasLimits(JsonElement stored, ActionDeployment action)
    {
        var limits = stored.TryGetProperty("limits", out var told) && told.ValueKind == JsonValueKind.Object ? told : default;
        return Has("timeout", (long?)action.Timeout?.TotalMilliseconds) && Has("memory", action.MemoryMegabytes) && Has("logs", action.LogMegabytes) && Has("concurrency", action.Concurrency);

        bool Has(string name, long? wanted) =>
            wanted is null || limits.ValueKind == JsonValueKind.Object && limits.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) && number == wanted;
    }

    private static string? Text(JsonElement exec, string name) => exec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
