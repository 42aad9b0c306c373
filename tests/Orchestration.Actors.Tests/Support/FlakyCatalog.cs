using System.Collections.Concurrent;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Tests.Support;

/// <summary>A catalog in memory that holds to the port's rules and can be down.</summary>
internal sealed class FlakyCatalog : ICatalog, IObjectHistory
{
    private readonly ConcurrentDictionary<ObjectKey, OrchestrationId> _writers = new();
    private readonly ConcurrentDictionary<OrchestrationId, long> _cursors = new();

    public bool Down { get; set; }

    public int Refused { get; private set; }

    public ConcurrentQueue<Fact> Facts { get; } = new();

    public Task<long> GetCursorAsync(OrchestrationId id, CancellationToken cancellation) =>
        Answer(() => _cursors.GetValueOrDefault(id));

    public Task ApplyAsync(IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation) => Answer(() =>
    {
        foreach (var batch in batches)
        {
            foreach (var row in batch.Commits)
            {
                var cursor = _cursors.GetValueOrDefault(batch.Id);
                if (row.SequenceNr > cursor + 1)
                    throw new InvalidOperationException($"gap: {row.SequenceNr} after {cursor}");
                if (row.SequenceNr <= cursor)
                    continue;
                foreach (var fact in row.Commit.Facts)
                    Take(batch.Id, fact);
                _cursors[batch.Id] = row.SequenceNr;
            }
        }

        return true;
    });

    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) => Answer<IReadOnlyDictionary<ObjectKey, ObjectWriter>>(
        () => keys.Where(_writers.ContainsKey).ToDictionary(k => k, k => new ObjectWriter(_writers[k], null)));

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<RunSummary>>([]);

    private void Take(OrchestrationId id, Fact fact)
    {
        Facts.Enqueue(fact);
        if (fact is AttemptSucceeded succeeded)
            foreach (var write in succeeded.Objects.Writes)
                _writers[write.Object] = id;
    }

    private Task<T> Answer<T>(Func<T> answer)
    {
        if (!Down)
            return Task.FromResult(answer());
        Refused++;
        return Task.FromException<T>(new IOException("the catalog is down"));
    }
}
