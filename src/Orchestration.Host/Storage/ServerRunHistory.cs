using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Host.Remote;
using Orchestration.Host.Stored;

namespace Orchestration.Host.Storage;

/// <summary>The runs of a service. A look from a program that has nothing else to do meanwhile, so answers are waited for.</summary>
internal sealed class ServerRunHistory(OwnerClient service) : IRunHistory
{
    // What the service gives at once.
    private const int LargestPage = 1000;

    public IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit) =>
        [.. ListAsync(new RunQuery(IdPrefix: idPrefix, Limit: limit), RunPage.All, CancellationToken.None).GetAwaiter().GetResult().Select(run => run.Id)];

    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue) => [.. Read(id, limit).GetProperty("rows").EnumerateArray()
        .Select(row => new StoredCommit(row.GetProperty("sequenceNr").GetInt64(), CommitOf(row.GetProperty("commit"))))];

    public WriteQueueState ReadWriters(string store, ObjectKey key) => throw Unreachable();

    public Commit? ReadRecorded(OrchestrationId id) => Read(id, 1).TryGetProperty("recorded", out var recorded) ? CommitOf(recorded) : null;

    public RecordedFigures? ReadRecordedFigures(OrchestrationId id) => Read(id, 1).TryGetProperty("figures", out var figures) ? RecordedJson.Read(figures) : null;

    public Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation) => ListAsync(new RunQuery(Limit: int.MaxValue), RunPage.All, cancellation);

    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) => throw Unreachable();

    public string? OwnerOf(OrchestrationId id) => Read(id, 1).GetProperty("owner").GetString();

    public void Dispose() => service.Dispose();

    /// <summary>Lists runs as the service does.</summary>
    public async Task<IReadOnlyList<RunSummary>> ListAsync(RunQuery query, RunPage page, CancellationToken cancellation)
    {
        var found = new List<RunSummary>();
        string? next = page.Before?.Value;
        do
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"v1/orchestrations?limit={Math.Min(query.Limit - found.Count, LargestPage)}")
                + Parameter("id", query.IdPrefix) + Parameter("name", query.Name) + Parameter("status", query.Status)
                + Parameter("since", page.Since?.UtcDateTime.ToString("O")) + Parameter("until", page.Until?.UtcDateTime.ToString("O")) + Parameter("cursor", next);
            var answer = await service.ReadAsync(path, cancellation);
            found.AddRange(answer.GetProperty("runs").EnumerateArray().Select(RunList.Read));
            next = answer.TryGetProperty("next", out var more) ? more.GetString() : null;
        }
        while (next is not null && found.Count < query.Limit);
        return found;
    }

    private JsonElement Read(OrchestrationId id, int limit) =>
        service.ReadAsync($"v1/orchestrations/{id}/history{(limit <= LargestPage ? string.Create(CultureInfo.InvariantCulture, $"?limit={limit}") : "")}", CancellationToken.None).GetAwaiter().GetResult();

    private static Commit CommitOf(JsonElement commit) => FactJson.Read(JsonBytes.From(commit).Utf8.ToArray());

    private static string Parameter(string name, string? value) => string.IsNullOrEmpty(value) ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static InvalidOperationException Unreachable() => new("A service asks its own storage who wrote an object.");
}
