using Orchestration.Host.Terminals;

namespace Orchestration.Host.Settings;

/// <summary>A setting for people.</summary>
/// <param name="Name">As it is called in <c>appsettings.json</c>.</param>
/// <param name="Value">Its value, without what is secret; null when there is none.</param>
/// <param name="Source">Where it was given, or that it is the default.</param>
/// <param name="IsSet">Whether somebody set it.</param>
internal sealed record SettingLine(string Name, string? Value, string Source, bool IsSet)
{
    /// <summary>What stands for a secret.</summary>
    public const string Hidden = "***";

    private static readonly HashSet<string> Secret = new(StringComparer.OrdinalIgnoreCase) { "Auth", "AccessKey", "SecretKey", "ApiKey" };

    /// <summary>A value without what nobody may read over a shoulder: keys, and credentials inside a URL.</summary>
    public static string Redact(string name, string value) => Secret.Contains(name) ? Hidden : Redaction.Of(value);
}
