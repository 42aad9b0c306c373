using System.Text.Json;
using Orchestration.Core.Ports;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk.Probing;

/// <summary>Reads the answer to a question for a namespace's limits (source: OpenWhisk's <c>Limits</c> route).</summary>
internal static class NamespaceLimitsReader
{
    /// <summary>Where to ask, below <c>/namespaces</c>.</summary>
    public const string Path = "/_/limits";

    /// <summary>What the answer tells; a platform without the route, or that gives no numbers, tells nothing.</summary>
    public static NamespaceLimits Read(WhiskReply reply)
    {
        using var document = reply.Status == 200 ? Answers.TryParse(reply) : null;
        return new NamespaceLimits(Number(document, "invocationsPerMinute"), Number(document, "concurrentInvocations"), Reached: reply.Status < 500);
    }

    private static int? Number(JsonDocument? document, string name) =>
        document?.RootElement is { ValueKind: JsonValueKind.Object } limits && limits.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;
}
