using Microsoft.Data.Sqlite;
using Orchestration.Core.Ports;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>
/// A piece of work for the writer thread: all of it is stored, or nothing. Its task ends when it is safe on the disk.
/// </summary>
/// <param name="bytes">About how much it writes, to bound a transaction.</param>
/// <param name="cancellation">Gives up while the work still waits in line.</param>
internal abstract class WriteRequest(long bytes, CancellationToken cancellation)
{
    // Whoever waits may close the store next, which the writer thread cannot do to itself.
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Bytes { get; } = bytes;

    public Task Done => _done.Task;

    /// <summary>Several statements need a savepoint to fail together; one alone is undone by SQLite itself.</summary>
    public abstract int Statements { get; }

    public abstract void Apply(WriteStatements statements);

    /// <summary>What the writer of the request is told when a key is taken.</summary>
    public virtual Exception OnDuplicateKey(SqliteException e) => new InvalidOperationException(e.Message, e);

    public bool TryGiveUp()
    {
        if (!cancellation.IsCancellationRequested)
            return false;
        _done.TrySetCanceled(cancellation);
        return true;
    }

    public void Succeed() => _done.TrySetResult();

    public void Fail(Exception e) => _done.TrySetException(e);
}

/// <summary>Stores events of one persistence id, in order.</summary>
internal sealed class AppendEvents(IReadOnlyList<EventRow> rows, CancellationToken cancellation)
    : WriteRequest(rows.Sum(r => (long)r.Payload.Bytes.Length), cancellation)
{
    public override int Statements => rows.Count;

    public override void Apply(WriteStatements statements)
    {
        foreach (var row in rows)
            statements.InsertEvent(row);
    }

    public override Exception OnDuplicateKey(SqliteException e) => new ConcurrentWriterException(rows[0].PersistenceId, rows[0].SequenceNr, e);
}

/// <summary>Removes the events of a persistence id up to a sequence number, and remembers the highest one it ever had.</summary>
internal sealed class DeleteEvents(string persistenceId, long toSequenceNr, CancellationToken cancellation) : WriteRequest(0, cancellation)
{
    public override int Statements => 2;

    public override void Apply(WriteStatements statements) => statements.DeleteEvents(persistenceId, toSequenceNr);
}

/// <summary>Stores a snapshot in place of one of the same sequence number.</summary>
internal sealed class SaveSnapshotRow(SnapshotRow row, CancellationToken cancellation) : WriteRequest(row.Payload.Bytes.Length, cancellation)
{
    public override int Statements => 1;

    public override void Apply(WriteStatements statements) => statements.SaveSnapshot(row);
}

/// <summary>Removes snapshots.</summary>
internal sealed class DeleteSnapshotRows(SnapshotRange range, CancellationToken cancellation) : WriteRequest(0, cancellation)
{
    public override int Statements => 1;

    public override void Apply(WriteStatements statements) => statements.DeleteSnapshots(range);
}

/// <summary>Writes nothing: its task ends when everything that was in line before it has ended.</summary>
internal sealed class QueueBarrier(CancellationToken cancellation) : WriteRequest(0, cancellation)
{
    public override int Statements => 0;

    public override void Apply(WriteStatements statements)
    {
    }
}
