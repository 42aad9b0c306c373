using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Orchestration.TestKit;

/// <summary>The journal of a test: keeps rows in memory, beyond the actor system's end.</summary>
internal sealed class TestJournal : AsyncWriteJournal
{
    private static readonly ConcurrentDictionary<string, (StoredRows Rows, Life Life)> Stores = new();
    private static readonly Task<IImmutableList<Exception?>?> Never = new TaskCompletionSource<IImmutableList<Exception?>?>().Task;

    private readonly StoredRows _rows;
    private readonly Life _life;

    public TestJournal(Config config) => (_rows, _life) = Stores[config.GetString("store")];

    /// <summary>Makes rows known to the journals of one life; a configuration holds texts only.</summary>
    /// <returns>The text, and what forgets it.</returns>
    public static string Register(StoredRows rows, Life life)
    {
        var key = Guid.NewGuid().ToString("N");
        Stores[key] = (rows, life);
        return key;
    }

    public static void Forget(string key) => Stores.TryRemove(key, out _);

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) => Task.FromResult(_rows.Highest(persistenceId));

    public override Task ReplayMessagesAsync(IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var row in _rows.Read(persistenceId, fromSequenceNr, toSequenceNr, max))
            recoveryCallback(row);
        return Task.CompletedTask;
    }

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
        // A process that has died never hears that its row was stored, and so does nothing that follows from it.
        _rows.Write(messages.SelectMany(m => (IEnumerable<IPersistentRepresentation>)m.Payload), _life) ? Task.FromResult<IImmutableList<Exception?>?>(null) : Never;

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        _rows.Delete(persistenceId, toSequenceNr);
        return Task.CompletedTask;
    }
}
