using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// The snapshot store <c>akka.persistence.snapshot-store.orchestration-sqlite</c>: one row per snapshot, in the database and by the
/// writer thread of <see cref="SqliteJournal"/>. Saving a sequence number again replaces what was there.
/// </summary>
public sealed class SqliteSnapshotStore : SnapshotStore
{
    private readonly StoreUse _use;
    private readonly PayloadCodec _codec;

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="config">The plugin's section: <c>data-directory</c>.</param>
    public SqliteSnapshotStore(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _use = new StoreUse(config.GetString("data-directory"));
        _codec = new PayloadCodec((ExtendedActorSystem)Context.System);
    }

    /// <inheritdoc/>
    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        var store = _use.Get();
        var range = Range(persistenceId, criteria);
        return Task.Run(
            () =>
            {
                var row = store.Read(session => session.LatestSnapshot(range));
                return row is null
                    ? null
                    : new SelectedSnapshot(
                        new SnapshotMetadata(row.PersistenceId, row.SequenceNr, new DateTime(row.Timestamp, DateTimeKind.Utc)),
                        _codec.Decode(row.Payload));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var row = new SnapshotRow(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp.Ticks, _codec.Encode(snapshot));
        return _use.Get().Write(new SaveSnapshotRow(row, cancellationToken));
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        // Without a timestamp the sequence number alone says which one.
        var (from, to) = metadata.Timestamp == DateTime.MinValue ? (0L, long.MaxValue) : (metadata.Timestamp.Ticks, metadata.Timestamp.Ticks);
        return _use.Get().Write(new DeleteSnapshotRows(
            new SnapshotRange(metadata.PersistenceId, metadata.SequenceNr, metadata.SequenceNr, from, to),
            cancellationToken));
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        _use.Get().Write(new DeleteSnapshotRows(Range(persistenceId, criteria), cancellationToken));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _use.Close();
        base.PostStop();
    }

    private static SnapshotRange Range(string persistenceId, SnapshotSelectionCriteria criteria) =>
        new(persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr, criteria.MinTimestamp?.Ticks ?? 0, criteria.MaxTimeStamp.Ticks);
}
