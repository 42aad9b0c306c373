using Orchestration.Actors.Client;
using Orchestration.Core.Identity;

namespace Orchestration.Host.Api.Runs;

/// <summary>
/// The runs that go on in this process, its own and those of others. A process ends only when none is left, and from that moment on takes no
/// more: who comes later becomes the owner itself.
/// </summary>
internal sealed class ActiveRuns(IOrchestrationClient client, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<OrchestrationId> _runs = [];
    private readonly Dictionary<OrchestrationId, (int Count, DateTimeOffset Last)> _visits = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;
    private Action<OrchestrationId>? _added;
    private bool _closed;

    /// <summary>The runs, in no order.</summary>
    public IReadOnlyList<OrchestrationId> All
    {
        get
        {
            lock (_gate)
                return [.. _runs];
        }
    }

    public bool Contains(OrchestrationId id)
    {
        lock (_gate)
            return _runs.Contains(id);
    }

    /// <summary>Told of each run that goes on here from now on, and at once of those that do.</summary>
    public void OnAdded(Action<OrchestrationId> told)
    {
        IReadOnlyList<OrchestrationId> known;
        lock (_gate)
        {
            _added += told;
            known = [.. _runs];
        }
        foreach (var id in known)
            told(id);
    }

    /// <summary>Whether no run is taken any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Somebody adds to a run, or waits for it until disposed.</summary>
    public IDisposable Visit(OrchestrationId id)
    {
        lock (_gate)
            _visits[id] = (_visits.GetValueOrDefault(id).Count + 1, time.GetUtcNow());
        return new VisitOfRun(this, id);
    }

    /// <summary>When somebody last added to a run or waited for it; now while somebody does, null when nobody has.</summary>
    public DateTimeOffset? LastVisit(OrchestrationId id)
    {
        lock (_gate)
            return _visits.TryGetValue(id, out var visit) ? visit.Count > 0 ? time.GetUtcNow() : visit.Last : null;
    }

    /// <summary>Takes no more from now on; those that go on do.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
    }

    /// <summary>Keeps the process from ending while a request that may add a run is served.</summary>
    /// <exception cref="ApiException">It is ending already.</exception>
    public IDisposable Reserve()
    {
        lock (_gate)
        {
            if (_closed)
                throw new ApiException(503, "CLOSING", "The process that works on this data directory is ending. Ask again: the next one to come works on it then.");
            _requests++;
        }
        return new Reservation(this);
    }

    /// <summary>A run goes on here from now until it ends.</summary>
    public void Add(OrchestrationId id)
    {
        lock (_gate)
        {
            if (!_runs.Add(id))
                return;
        }
        _added?.Invoke(id);
        _ = WaitForEndAsync(id);
    }

    /// <summary>A run has ended.</summary>
    public void Remove(OrchestrationId id)
    {
        lock (_gate)
        {
            _runs.Remove(id);
            _visits.Remove(id);
            Changed();
        }
    }

    /// <summary>Waits until no run is left, and takes no more from then on.</summary>
    /// <param name="onWaiting">Told the runs that are waited for, before the first wait.</param>
    /// <param name="cancellation">Gives up; then runs are still taken.</param>
    public async Task CloseAsync(Action<IReadOnlyList<OrchestrationId>> onWaiting, CancellationToken cancellation)
    {
        for (var first = true; ; first = false)
        {
            Task changed;
            lock (_gate)
            {
                if (_runs.Count == 0 && _requests == 0)
                {
                    _closed = true;
                    return;
                }
                changed = _changed.Task;
            }
            if (first && All is { Count: > 0 } left)
                onWaiting(left);
            await changed.WaitAsync(cancellation);
        }
    }

    private async Task WaitForEndAsync(OrchestrationId id)
    {
        try
        {
            await client.WaitForEndAsync(id);
        }
        catch (OrchestrationException)
        {
            // It is not run here after all, or this process is ending.
        }
        finally
        {
            Remove(id);
        }
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Leave(OrchestrationId id)
    {
        lock (_gate)
        {
            if (_visits.TryGetValue(id, out var visit))
                _visits[id] = (visit.Count - 1, time.GetUtcNow());
        }
    }

    private sealed class VisitOfRun(ActiveRuns runs, OrchestrationId id) : IDisposable
    {
        public void Dispose() => runs.Leave(id);
    }

    private sealed class Reservation(ActiveRuns runs) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            lock (runs._gate)
            {
                if (_isDisposed)
                    return;
                _isDisposed = true;
                runs._requests--;
                runs.Changed();
            }
        }
    }
}
