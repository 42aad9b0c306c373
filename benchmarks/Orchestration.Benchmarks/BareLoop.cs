using System.Net.Http.Headers;
using System.Text.Json;

namespace Orchestration.Benchmarks;

/// <summary>What any client must at least do: POST the body and parse the answer, over the same number of connections.</summary>
internal sealed class BareLoop(Uri server, int connections) : IDisposable
{
    private static readonly byte[] Body = """{"n":1,"context":{"action_id":"6745a1b2c3d4e5f601234567","orch_id":"6745a1b2c3d4e5f601234567"},"__orchestration":{"attempt":1,"fencing":[]}}"""u8.ToArray();

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections });
    private readonly Uri _action = new(server, "/api/v1/namespaces/_/actions/noop?blocking=true&timeout=5000");

    /// <summary>Sends chains of requests: each chain one after another, as many chains at once as there are connections.</summary>
    public async Task RunAsync(int chains, int length)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(connections, chains)).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) <= chains)
                for (var i = 0; i < length; i++)
                    await InvokeAsync();
        }));
    }

    public void Dispose() => _client.Dispose();

    private async Task InvokeAsync()
    {
        using var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _client.PostAsync(_action, content);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        if (!answer.RootElement.GetProperty("response").GetProperty("success").GetBoolean())
            throw new InvalidOperationException("The stand-in server refused.");
    }
}
