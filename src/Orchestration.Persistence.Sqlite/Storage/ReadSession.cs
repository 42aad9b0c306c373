using Microsoft.Data.Sqlite;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>A connection that only reads, with its prepared statements. Used by one task at a time.</summary>
internal sealed class ReadSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _highest;
    private readonly SqliteCommand _events;
    private readonly SqliteCommand _snapshot;

    public ReadSession(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ConnectionString);
        _connection.Open();
        _highest = SqliteText.Prepare(
            _connection,
            """
            SELECT max(coalesce((SELECT max(sequence_nr) FROM event WHERE persistence_id = $0), 0),
                       coalesce((SELECT highest_sequence_nr FROM deleted_to WHERE persistence_id = $0), 0))
            """,
            1);
        _events = SqliteText.Prepare(
            _connection,
            """
            SELECT sequence_nr, timestamp, writer_uuid, adapter_manifest, serializer_id, serializer_manifest, payload
            FROM event WHERE persistence_id = $0 AND sequence_nr BETWEEN $1 AND $2 ORDER BY sequence_nr LIMIT $3
            """,
            4);
        _snapshot = SqliteText.Prepare(
            _connection,
            """
            SELECT sequence_nr, timestamp, serializer_id, serializer_manifest, payload
            FROM snapshot WHERE persistence_id = $0 AND sequence_nr BETWEEN $1 AND $2 AND timestamp BETWEEN $3 AND $4
            ORDER BY sequence_nr DESC LIMIT 1
            """,
            5);
    }

    public long HighestSequenceNr(string persistenceId) => (long)_highest.With(persistenceId).ExecuteScalar()!;

    /// <summary>Events in order, read from the disk as they are taken.</summary>
    public IEnumerable<EventRow> Events(string persistenceId, long from, long to, long max)
    {
        using var reader = _events.With(persistenceId, from, to, max).ExecuteReader();
        while (reader.Read())
        {
            yield return new EventRow(
                persistenceId,
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetString(2),
                reader.GetString(3),
                new StoredPayload(reader.GetInt32(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6)));
        }
    }

    public SnapshotRow? LatestSnapshot(SnapshotRange range)
    {
        using var reader = _snapshot.With(range.PersistenceId, range.MinSequenceNr, range.MaxSequenceNr, range.MinTimestamp, range.MaxTimestamp).ExecuteReader();
        return reader.Read()
            ? new SnapshotRow(
                range.PersistenceId,
                reader.GetInt64(0),
                reader.GetInt64(1),
                new StoredPayload(reader.GetInt32(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4)))
            : null;
    }

    public void Dispose()
    {
        _highest.Dispose();
        _events.Dispose();
        _snapshot.Dispose();
        _connection.Dispose();
    }
}
