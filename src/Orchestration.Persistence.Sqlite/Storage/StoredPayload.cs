namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>An object as its own serializer wrote it.</summary>
internal readonly record struct StoredPayload(int SerializerId, string Manifest, byte[] Bytes);

/// <summary>One row of the table <c>event</c>.</summary>
internal sealed record EventRow(string PersistenceId, long SequenceNr, long Timestamp, string WriterUuid, string AdapterManifest, StoredPayload Payload);

/// <summary>One row of the table <c>snapshot</c>.</summary>
internal sealed record SnapshotRow(string PersistenceId, long SequenceNr, long Timestamp, StoredPayload Payload);

/// <summary>Which snapshots of a persistence id are meant; bounds are inclusive, times in ticks.</summary>
internal sealed record SnapshotRange(string PersistenceId, long MinSequenceNr, long MaxSequenceNr, long MinTimestamp, long MaxTimestamp);
