using System.Threading.Channels;
using Orchestration.Core.Ports;

namespace Orchestration.Persistence.MongoDb.Journals;

/// <summary>
/// Stores what waits, all of it in one insert: while one is under way, the next gathers. A document that is refused fails its own request and no other.
/// </summary>
internal sealed class JournalWriter(JournalCollections collections)
{
    // Bounds on one insert, so that the first in line does not wait for a crowd behind it.
    private const int MaxRequests = 2000;
    private const long MaxBytes = 32 * 1024 * 1024;

    private readonly Channel<object> _waiting = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JournalInserts _inserts = new(collections);
    private int _started;

    /// <summary>Puts a write in line.</summary>
    /// <exception cref="MongoStorageException">In the task: it failed; whether it was stored is not known.</exception>
    /// <exception cref="ConcurrentWriterException">In the task: somebody else wrote a document of the same number.</exception>
    public Task AppendAsync(AppendRequest request)
    {
        Enqueue(request);
        return request.Done;
    }

    /// <summary>Waits until everything that is in line now has ended.</summary>
    public Task BarrierAsync()
    {
        if (Volatile.Read(ref _started) == 0)
            return Task.CompletedTask;
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(barrier);
        return barrier.Task;
    }

    /// <summary>Takes nothing more; what is in line is still stored.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    private void Enqueue(object item)
    {
        if (!_waiting.Writer.TryWrite(item))
            throw new MongoStorageException($"The journal on {collections.Connection.RedactedName} is closed: the actor system that used it is shutting down.");
        if (Interlocked.Exchange(ref _started, 1) == 0)
            _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var requests = new List<AppendRequest>();
            var barriers = new List<TaskCompletionSource>();
            for (long bytes = 0; requests.Count < MaxRequests && bytes < MaxBytes && _waiting.Reader.TryRead(out var item);)
            {
                if (item is AppendRequest request)
                {
                    requests.Add(request);
                    bytes += request.Bytes;
                }
                else
                {
                    barriers.Add((TaskCompletionSource)item);
                }
            }

            await StoreAsync(requests);
            foreach (var barrier in barriers)
                barrier.TrySetResult();
        }
    }

    private async Task StoreAsync(List<AppendRequest> requests)
    {
        if (requests.Count == 0)
            return;
        try
        {
            await collections.PrepareAsync();
            var work = requests.Where(r => r.Kind != AppendKind.Single)
                .Select(r => r.Kind == AppendKind.InOrder ? _inserts.StoreInOrderAsync(r) : _inserts.StoreAsOneAsync(r)).ToList();
            work.Add(_inserts.StoreTogetherAsync([.. requests.Where(r => r.Kind == AppendKind.Single)]));
            await Task.WhenAll(work);
        }
        catch (Exception e)
        {
            foreach (var request in requests)
                request.Fail(e);
        }
    }
}
