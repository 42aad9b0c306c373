using System.Text.Json;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk;

/// <summary>Reads what activations wrote to their logs (source: OpenWhisk's Activations route, <c>GET …/activations/ID/logs</c>).</summary>
public static class ActivationLogs
{
    private const int AtOnce = 16;

    /// <summary>Reads them.</summary>
    /// <param name="options">Where and as whom.</param>
    /// <param name="activationIds">The activations.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The lines of each in the same order, <c>TIME STREAM: TEXT</c>; null for one that OpenWhisk has no record of (yet, or any more).</returns>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public static async Task<IReadOnlyList<IReadOnlyList<string>?>> ReadAsync(OpenWhiskOptions options, IReadOnlyList<string> activationIds, CancellationToken cancellation = default)
    {
        using var connection = new WhiskConnection(options);
        using var places = new SemaphoreSlim(AtOnce);
        return await Task.WhenAll(activationIds.Select(async id =>
        {
            await places.WaitAsync(cancellation);
            try
            {
                return await ReadAsync(connection, options.Namespace, id, cancellation);
            }
            finally
            {
                places.Release();
            }
        }));
    }

    private static async Task<IReadOnlyList<string>?> ReadAsync(WhiskConnection connection, string ns, string id, CancellationToken cancellation)
    {
        using var reply = await Answers.GetAsync(connection, $"/{Uri.EscapeDataString(ns)}/activations/{Uri.EscapeDataString(id)}/logs", cancellation);
        if (reply.Status == 404 && reply.ErrorText() is not null)
            return null;
        if (reply.Status != 200)
            throw Answers.Refused(connection.Place, reply, $"show the logs of activation {id}");
        using var document = Answers.TryParse(reply);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("logs", out var logs) && logs.ValueKind == JsonValueKind.Array
            ? [.. logs.EnumerateArray().Select(line => line.ToString())]
            : throw Answers.NotOpenWhisk(connection.Place, reply);
    }
}
