using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Crash.Tests.Rounds;

namespace Orchestration.Crash.Tests.Support;

/// <summary>Reads activation records over OpenWhisk's REST API, as any client does.</summary>
internal sealed class ActivationRecords : IDisposable
{
    private const int PageSize = 200;
    private const string OutputMark = "stdout: ";

    private readonly HttpClient _client;

    public ActivationRecords(Uri apiHost, string auth)
    {
        _client = new HttpClient { BaseAddress = apiHost };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(auth)));
    }

    /// <summary>The records of a run, and those that don't say whose they are, since a time.</summary>
    public async Task<ImmutableArray<Activation>> ReadAsync(OrchestrationId run, DateTimeOffset since)
    {
        var found = ImmutableArray.CreateBuilder<Activation>();
        for (var skip = 0; ; skip += PageSize)
        {
            await using var body = await _client.GetStreamAsync(new Uri($"/api/v1/namespaces/_/activations?docs=true&limit={PageSize}&skip={skip}&since={since.ToUnixTimeMilliseconds()}", UriKind.Relative));
            using var page = await JsonDocument.ParseAsync(body);
            foreach (var record in page.RootElement.EnumerateArray())
                if (Read(record, run) is { } activation)
                    found.Add(activation);
            if (page.RootElement.GetArrayLength() < PageSize)
                return found.ToImmutable();
        }
    }

    public void Dispose() => _client.Dispose();

    private static Activation? Read(JsonElement record, OrchestrationId run)
    {
        var response = record.GetProperty("response");
        var activation = new Activation(record.GetProperty("activationId").GetString()!, null, 0, response.GetProperty("success").GetBoolean(), JsonBytes.From(response.GetProperty("result")));
        var line = record.GetProperty("logs").EnumerateArray().Select(l => l.GetString()!).FirstOrDefault(l => l.Contains(OutputMark, StringComparison.Ordinal));
        if (line is null)
            return activation;
        using var printed = JsonDocument.Parse(line[(line.IndexOf(OutputMark, StringComparison.Ordinal) + OutputMark.Length)..]);
        return printed.RootElement.GetProperty("orch_id").GetString() == run.Value
            ? activation with { Action = ActionId.Parse(printed.RootElement.GetProperty("action_id").GetString()!), Attempt = printed.RootElement.GetProperty("attempt").GetInt32() }
            : null;
    }
}
