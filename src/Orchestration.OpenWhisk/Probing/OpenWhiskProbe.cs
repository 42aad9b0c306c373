using System.Text.Json;
using Orchestration.OpenWhisk.Http;
using Orchestration.OpenWhisk.Probing;

namespace Orchestration.OpenWhisk;

/// <summary>What the credentials stand for.</summary>
/// <param name="Name">The namespace.</param>
/// <param name="ConcurrentInvocations">At most so many activations may be in flight; null when the platform does not tell.</param>
/// <param name="InvocationsPerMinute">At most so many invokes in a clock minute; null when the platform does not tell.</param>
public sealed record OpenWhiskNamespace(string Name, int? ConcurrentInvocations, int? InvocationsPerMinute);

/// <summary>Looks whether an OpenWhisk can be used, before anything is started on it.</summary>
public static class OpenWhiskProbe
{
    /// <summary>Reaches the host, checks the credentials, and asks for the namespace and its limits (sources: OpenWhisk's <c>Namespaces</c> and <c>Limits</c> routes).</summary>
    /// <param name="options">Where and as whom.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The credentials' namespace.</returns>
    /// <exception cref="OpenWhiskException">It cannot be reached, is no OpenWhisk, its certificate is not trusted, or it refuses the credentials.</exception>
    public static async Task<OpenWhiskNamespace> CheckAsync(OpenWhiskOptions options, CancellationToken cancellation = default)
    {
        using var connection = new WhiskConnection(options);
        using var names = await Answers.GetAsync(connection, "", cancellation);
        if (names.Status != 200)
            throw Answers.Refused(connection.Place, names, "list the namespaces");
        var name = NameIn(names) ?? throw Answers.NotOpenWhisk(connection.Place, names);

        using var limits = await Answers.GetAsync(connection, NamespaceLimitsReader.Path, cancellation);
        var told = NamespaceLimitsReader.Read(limits);
        return new OpenWhiskNamespace(name, told.Concurrent, told.PerMinute);
    }

    private static string? NameIn(WhiskReply reply)
    {
        using var document = Answers.TryParse(reply);
        return document?.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.String
            ? list[0].GetString()
            : null;
    }
}
