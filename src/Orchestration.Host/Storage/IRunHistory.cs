using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Host.Storage;

/// <summary>What is stored, for one reader. Other processes may write meanwhile.</summary>
internal interface IRunHistory : IDisposable
{
    /// <summary>The runs in the journal and those that the Python system recorded, newest first.</summary>
    /// <param name="idPrefix">What their ids begin with; empty for all.</param>
    /// <param name="limit">At most so many.</param>
    IReadOnlyList<OrchestrationId> FindIds(string idPrefix, int limit);

    /// <summary>The first commits of a run in order; none when it is not in the journal.</summary>
    /// <param name="id">The run.</param>
    /// <param name="limit">At most so many.</param>
    IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit = int.MaxValue);

    /// <summary>Who has written an object that has several writers.</summary>
    /// <param name="store">The object store's URL.</param>
    /// <param name="key">The object.</param>
    /// <returns>What its mailbox has stored; empty when nobody stood in line.</returns>
    WriteQueueState ReadWriters(string store, ObjectKey key);

    /// <summary>What the Python system recorded of a run, which no journal tells of; null when it knows no such run.</summary>
    /// <param name="id">The run.</param>
    Commit? ReadRecorded(OrchestrationId id);

    /// <summary>The numbers that the Python system stored of a run; null when it knows no such run.</summary>
    /// <param name="id">The run.</param>
    RecordedFigures? ReadRecordedFigures(OrchestrationId id);

    /// <summary>All runs in the catalog, which may be behind the journal; none when there is no catalog.</summary>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation);

    /// <summary>The latest writers of objects over all runs, as far as the catalog knows; none when there is no catalog.</summary>
    /// <param name="keys">The objects.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation);

    /// <summary>Who works on a run that has not ended, for people, such as <c>owned by web-1, pid 4711, …</c>; null when no process does.</summary>
    /// <param name="id">The run.</param>
    string? OwnerOf(OrchestrationId id);
}
