using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Ports;

/// <summary>
/// Removes ended runs from a storage: their journal rows, snapshots and catalog entries. Which ones may go is the caller's to know. A run is removed from the
/// journal first and from the list of the catalog last, so that one whose removal was cut off is found there and removed again.
/// </summary>
public interface IRunPruning : IAsyncDisposable
{
    /// <summary>Which objects a run wrote and read, as far as the catalog knows.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The objects, each once.</returns>
    Task<TouchedObjects> ReadObjectsAsync(OrchestrationId id, CancellationToken cancellation);

    /// <summary>Finds the runs that read objects.</summary>
    /// <param name="keys">The objects.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The runs by object; an object that nobody read is left out.</returns>
    Task<IReadOnlyDictionary<ObjectKey, IReadOnlySet<OrchestrationId>>> FindReadersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation);

    /// <summary>How much of a run is stored.</summary>
    /// <param name="id">The run.</param>
    /// <param name="persistenceId">Its name in the journal.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The amount; all zero for a run that is not there.</returns>
    Task<StoredAmount> MeasureAsync(OrchestrationId id, string persistenceId, CancellationToken cancellation);

    /// <summary>Removes a run of this system; what another system recorded is not touched.</summary>
    /// <param name="id">The run.</param>
    /// <param name="persistenceId">Its name in the journal.</param>
    /// <param name="rows">How many rows of the journal it had when it was found to have ended.</param>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <returns>Whether it was removed; false when another process works on the run or has gone on with it since, and it is left as it is.</returns>
    Task<bool> RemoveAsync(OrchestrationId id, string persistenceId, long rows, CancellationToken cancellation);

    /// <summary>Removes a run that another system recorded; one of this system is not touched.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <returns>A task that ends when it is removed.</returns>
    Task RemoveRecordedAsync(OrchestrationId id, CancellationToken cancellation);

    /// <summary>Gives the space of what was removed back to the disk, where the storage does not do so by itself.</summary>
    /// <param name="cancellation">Gives up before it begins.</param>
    /// <returns>How large the files were before and are now, in bytes; null where this program has no files.</returns>
    Task<(long Before, long After)?> CompactAsync(CancellationToken cancellation);
}

/// <summary>The objects of a run.</summary>
/// <param name="Written">What it wrote, also by attempts that failed.</param>
/// <param name="Read">What it read.</param>
public sealed record TouchedObjects(IReadOnlySet<ObjectKey> Written, IReadOnlySet<ObjectKey> Read);

/// <summary>How much is stored.</summary>
/// <param name="Rows">Rows of the journal.</param>
/// <param name="Snapshots">Snapshots.</param>
/// <param name="Entries">Rows or documents of the catalog.</param>
/// <param name="Bytes">Bytes of rows, snapshots and documents, without indexes; those of the catalog's rows on SQLite are not counted.</param>
public readonly record struct StoredAmount(long Rows, long Snapshots, long Entries, long Bytes)
{
    /// <summary>Adds up two amounts.</summary>
    public static StoredAmount operator +(StoredAmount one, StoredAmount other) =>
        new(one.Rows + other.Rows, one.Snapshots + other.Snapshots, one.Entries + other.Entries, one.Bytes + other.Bytes);
}
