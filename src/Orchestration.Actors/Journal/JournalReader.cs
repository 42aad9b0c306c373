using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Persistence;
using Orchestration.Actors.Serialization;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Journal;

/// <summary>
/// Reads the rows of an orchestration from whichever journal is in use, page by page, with the replay protocol that every journal plugin serves.
/// Rows without facts (pieces of checkpoints) come as empty commits, so that sequence numbers have no gaps.
/// </summary>
internal sealed class JournalReader(ActorSystem system, string journalPlugin)
{
    private const int PageRows = 64;

    public static string PersistenceId(OrchestrationId id) => $"orchestration-{id}";

    /// <summary>Reads rows in order.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="from">The first sequence number.</param>
    /// <param name="to">The last sequence number.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The rows.</returns>
    public async IAsyncEnumerable<StoredCommit> ReadAsync(OrchestrationId id, long from, long to, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (from <= to)
        {
            var page = await ReadPageAsync(id, from, to, cancellation);
            foreach (var row in page)
                yield return row;
            if (page.Count < PageRows)
                yield break;
            from = page[^1].SequenceNr + 1;
        }
    }

    private async Task<IReadOnlyList<StoredCommit>> ReadPageAsync(OrchestrationId id, long from, long to, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<IReadOnlyList<StoredCommit>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var journal = Persistence.Instance.Apply(system).JournalFor(journalPlugin);
        var reader = system.ActorOf(Props.Create(() => new PageReader(journal, PersistenceId(id), from, to, done)));
        await using var registration = cancellation.Register(() =>
        {
            done.TrySetCanceled(cancellation);
            system.Stop(reader);
        });
        return await done.Task;
    }

    private sealed class PageReader : UntypedActor
    {
        private readonly TaskCompletionSource<IReadOnlyList<StoredCommit>> _done;
        private readonly List<StoredCommit> _rows = [];

        public PageReader(IActorRef journal, string persistenceId, long from, long to, TaskCompletionSource<IReadOnlyList<StoredCommit>> done)
        {
            _done = done;
            journal.Tell(new ReplayMessages(from, to, PageRows, persistenceId, Self));
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ReplayedMessage replayed:
                    Add(replayed.Persistent);
                    break;
                case RecoverySuccess:
                    _done.TrySetResult(_rows);
                    Context.Stop(Self);
                    break;
                case ReplayMessagesFailure failure:
                    _done.TrySetException(failure.Cause);
                    Context.Stop(Self);
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }

        protected override void PostStop() => _done.TrySetException(new IOException("The journal stopped while it was read; try again."));

        private void Add(IPersistentRepresentation row)
        {
            if (row.Payload is Commit commit)
                _rows.Add(new StoredCommit(row.SequenceNr, commit));
            else if (row.Payload is CheckpointPiece)
                _rows.Add(new StoredCommit(row.SequenceNr, new Commit([])));
        }
    }
}
