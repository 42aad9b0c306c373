using System.Collections.Concurrent;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Tests.Support;

/// <summary>A catalog in memory that knows who wrote an object last.</summary>
internal sealed class HistoryCatalog : ICatalog, IObjectHistory
{
    private readonly ConcurrentDictionary<OrchestrationId, long> _cursors = new();
    private readonly ConcurrentDictionary<ObjectKey, ObjectWriter> _writers = new();

    public Task<long> GetCursorAsync(OrchestrationId id, CancellationToken cancellation) => Task.FromResult(_cursors.GetValueOrDefault(id));

    public Task ApplyAsync(IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation)
    {
        foreach (var batch in batches)
        {
            foreach (var row in batch.Commits)
            {
                _cursors[batch.Id] = row.SequenceNr;
                foreach (var write in row.Commit.Facts.OfType<AttemptSucceeded>().SelectMany(f => f.Objects.Writes))
                    _writers[write.Object] = new ObjectWriter(batch.Id, null);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>An action told of what it wrote by itself, and not in its reply.</summary>
    public void Record(ObjectKey key, OrchestrationId run, LineageAction action) => _writers[key] = new ObjectWriter(run, action);

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RunSummary>>([]);

    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<ObjectKey, ObjectWriter>>(keys.Where(_writers.ContainsKey).ToDictionary(k => k, k => _writers[k]));
}
