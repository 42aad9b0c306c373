using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Recovery;

/// <summary>Tells whether an attempt failed because objects were gone.</summary>
public static class LostInputs
{
    /// <summary>The objects whose absence failed an attempt.</summary>
    /// <param name="failed">How it failed.</param>
    /// <returns>The objects; none when it failed for another reason, or did not say which object.</returns>
    public static ImmutableArray<ObjectKey> Of(InvokeReply.Failed failed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        if (failed.Outcome == AttemptOutcome.InputMissing)
            return [.. failed.Objects.Missing.Select(m => m.Object).Distinct()];
        if (failed.Outcome != AttemptOutcome.ApplicationError || failed.Failure.Code != RecoveryCodes.NoSuchKey)
            return [];
        // The contract's meta.key names what the action gave up for; what it missed besides, it could do without.
        return Key(failed.Failure) is { } key ? [key] : [.. failed.Objects.Missing.Select(m => m.Object).Distinct()];
    }

    private static ObjectKey? Key(Failure failure)
    {
        if (failure.Raw is not { } raw)
            return null;
        using var document = raw.ToDocument();
        return document.RootElement is { ValueKind: JsonValueKind.Object } error
            && error.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String
            && ObjectKey.TryParse(key.GetString(), out var parsed)
            ? parsed
            : null;
    }
}
