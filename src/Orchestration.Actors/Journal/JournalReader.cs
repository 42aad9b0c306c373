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
    private const int FirstPageRows = 64;
    private const int MaxPageRows = 1024;
    private const int PageBytes = 4 << 20;

    public static string PersistenceId(OrchestrationId id) => $"orchestration-{id}";

    /// <summary>Reads rows in order.</summary>
    /// <param name="id">Which orchestration.</param>
    /// <param name="from">The first sequence number.</param>
    /// <param name="to">The last sequence number.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The rows.</returns>
    public async IAsyncEnumerable<StoredCommit> ReadAsync(OrchestrationId id, long from, long to, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var rows = FirstPageRows;
        while (from <= to)
        {
            var page = await ReadPageAsync(id, from, to, rows, cancellation);
            var bytes = 0L;
            foreach (var row in page)
            {
                bytes += row.Commit.Facts.Sum(FactSize.Of);
                yield return row;
            }

            if (page.Count < rows)
                yield break;
            from = page[^1].SequenceNr + 1;
            // A page waits in line behind the journal's writes, so there are few of them; large rows come fewer at a time.
            rows = (int)Math.Clamp(PageBytes * (long)page.Count / Math.Max(1, bytes), 1, Math.Min(MaxPageRows, rows * 4));
        }
    }

    private async Task<IReadOnlyList<StoredCommit>> ReadPageAsync(OrchestrationId id, long from, long to, int rows, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<IReadOnlyList<StoredCommit>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var journal = Persistence.Instance.Apply(system).JournalFor(journalPlugin);
        var reader = system.ActorOf(Props.Create(() => new PageReader(journal, PersistenceId(id), from, to, rows, done)));
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

        public PageReader(IActorRef journal, string persistenceId, long from, long to, int rows, TaskCompletionSource<IReadOnlyList<StoredCommit>> done)
        {
            _done = done;
            journal.Tell(new ReplayMessages(from, to, rows, persistenceId, Self));
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
