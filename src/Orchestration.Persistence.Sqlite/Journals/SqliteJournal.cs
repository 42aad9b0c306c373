using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Sqlite.Storage;

namespace Orchestration.Persistence.Sqlite;

/// <summary>
/// The journal <c>akka.persistence.journal.orchestration-sqlite</c>. Events are serialized here, in the journal's own actor, and stored by one
/// writer thread that puts all waiting writes into one synced transaction. A write is stored as a whole or not at all; a sequence
/// number that is taken fails the write with a <see cref="ConcurrentWriterException"/>. Tags that an event adapter adds are not kept.
/// </summary>
public sealed class SqliteJournal : AsyncWriteJournal
{
    private readonly StoreUse _use;
    private readonly PayloadCodec _codec;

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="config">The plugin's section: <c>data-directory</c>.</param>
    public SqliteJournal(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _use = new StoreUse(config.GetString("data-directory"));
        _codec = new PayloadCodec((ExtendedActorSystem)Context.System);
    }

    /// <inheritdoc/>
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // A restarted actor may ask while a write of its last incarnation is still in line: the answer has to include it.
        var store = _use.Get();
        return store.Write(new QueueBarrier(cancellationToken)).ContinueWith(
            before =>
            {
                before.GetAwaiter().GetResult();
                return store.Read(session => session.HighestSequenceNr(persistenceId));
            },
            cancellationToken,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback)
    {
        var store = _use.Get();
        return Task.Run(() => store.Read(session =>
        {
            foreach (var row in session.Events(persistenceId, fromSequenceNr, toSequenceNr, max))
                recoveryCallback(Represent(row));
            return true;
        }));
    }

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var rows = new List<EventRow>();
        var results = ImmutableList.CreateBuilder<Exception?>();
        foreach (var write in messages)
            results.Add(Prepare(write, rows));
        if (rows.Count > 0)
            await _use.Get().Write(new AppendEvents(rows, cancellationToken));
        return results.Exists(static e => e is not null) ? results.ToImmutable() : null;
    }

    /// <inheritdoc/>
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        _use.Get().Write(new DeleteEvents(persistenceId, toSequenceNr, cancellationToken));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _use.Close();
        base.PostStop();
    }

    /// <summary>Adds the rows of one atomic write; gives the reason when its events cannot be serialized, and then adds none.</summary>
    private Exception? Prepare(AtomicWrite write, List<EventRow> rows)
    {
        var before = rows.Count;
        try
        {
            foreach (var p in (IEnumerable<IPersistentRepresentation>)write.Payload)
            {
                var payload = p.Payload is Tagged tagged ? tagged.Payload : p.Payload;
                var timestamp = p.Timestamp > 0 ? p.Timestamp : DateTime.UtcNow.Ticks;
                rows.Add(new EventRow(p.PersistenceId, p.SequenceNr, timestamp, p.WriterGuid ?? "", p.Manifest ?? "", _codec.Encode(payload)));
            }

            return null;
        }
        catch (Exception e)
        {
            rows.RemoveRange(before, rows.Count - before);
            return e;
        }
    }

    private Persistent Represent(EventRow row) =>
        new(
            _codec.Decode(row.Payload),
            row.SequenceNr,
            row.PersistenceId,
            row.AdapterManifest,
            isDeleted: false,
            ActorRefs.NoSender,
            row.WriterUuid,
            row.Timestamp);
}
