using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>The prepared statements of the one connection that writes. Used by the writer thread alone.</summary>
internal sealed class WriteStatements : IDisposable
{
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _savepoint;
    private readonly SqliteCommand _release;
    private readonly SqliteCommand _undo;
    private readonly SqliteCommand _insertEvent;
    private readonly SqliteCommand _keepHighest;
    private readonly SqliteCommand _deleteEvents;
    private readonly SqliteCommand _saveSnapshot;
    private readonly SqliteCommand _deleteSnapshots;

    public WriteStatements(SqliteConnection connection)
    {
        Connection = connection;
        _begin = SqliteText.Prepare(connection, "BEGIN IMMEDIATE", 0);
        _commit = SqliteText.Prepare(connection, "COMMIT", 0);
        _rollback = SqliteText.Prepare(connection, "ROLLBACK", 0);
        _savepoint = SqliteText.Prepare(connection, "SAVEPOINT request", 0);
        _release = SqliteText.Prepare(connection, "RELEASE request", 0);
        _undo = SqliteText.Prepare(connection, "ROLLBACK TO request", 0);
        _insertEvent = SqliteText.Prepare(
            connection,
            """
            INSERT INTO event (persistence_id, sequence_nr, timestamp, writer_uuid, adapter_manifest, serializer_id, serializer_manifest, payload)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7)
            """,
            8);
        _keepHighest = SqliteText.Prepare(
            connection,
            """
            INSERT INTO deleted_to (persistence_id, highest_sequence_nr)
            SELECT $0, max(sequence_nr) FROM event WHERE persistence_id = $0 HAVING max(sequence_nr) IS NOT NULL
            ON CONFLICT (persistence_id) DO UPDATE SET highest_sequence_nr = max(highest_sequence_nr, excluded.highest_sequence_nr)
            """,
            1);
        _deleteEvents = SqliteText.Prepare(connection, "DELETE FROM event WHERE persistence_id = $0 AND sequence_nr <= $1", 2);
        _saveSnapshot = SqliteText.Prepare(
            connection,
            """
            INSERT OR REPLACE INTO snapshot (persistence_id, sequence_nr, timestamp, serializer_id, serializer_manifest, payload)
            VALUES ($0, $1, $2, $3, $4, $5)
            """,
            6);
        _deleteSnapshots = SqliteText.Prepare(
            connection,
            "DELETE FROM snapshot WHERE persistence_id = $0 AND sequence_nr BETWEEN $1 AND $2 AND timestamp BETWEEN $3 AND $4",
            5);
    }

    public SqliteConnection Connection { get; }

    /// <summary>False when SQLite has ended the transaction by itself, as it does for a full disk (https://sqlite.org/lang_transaction.html).</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    public void Rollback() => _rollback.ExecuteNonQuery();

    public void Savepoint() => _savepoint.ExecuteNonQuery();

    public void Release() => _release.ExecuteNonQuery();

    public void UndoToSavepoint()
    {
        _undo.ExecuteNonQuery();
        _release.ExecuteNonQuery();
    }

    public void InsertEvent(EventRow row) =>
        _insertEvent
            .With(row.PersistenceId, row.SequenceNr, row.Timestamp, row.WriterUuid, row.AdapterManifest, row.Payload.SerializerId, row.Payload.Manifest, row.Payload.Bytes)
            .ExecuteNonQuery();

    public void DeleteEvents(string persistenceId, long toSequenceNr)
    {
        _keepHighest.With(persistenceId).ExecuteNonQuery();
        _deleteEvents.With(persistenceId, toSequenceNr).ExecuteNonQuery();
    }

    public void SaveSnapshot(SnapshotRow row) =>
        _saveSnapshot
            .With(row.PersistenceId, row.SequenceNr, row.Timestamp, row.Payload.SerializerId, row.Payload.Manifest, row.Payload.Bytes)
            .ExecuteNonQuery();

    public void DeleteSnapshots(SnapshotRange range) =>
        _deleteSnapshots
            .With(range.PersistenceId, range.MinSequenceNr, range.MaxSequenceNr, range.MinTimestamp, range.MaxTimestamp)
            .ExecuteNonQuery();

    public void Dispose()
    {
        foreach (var command in new[]
                 {
                     _begin, _commit, _rollback, _savepoint, _release, _undo,
                     _insertEvent, _keepHighest, _deleteEvents, _saveSnapshot, _deleteSnapshots,
                 })
        {
            command.Dispose();
        }
    }
}
