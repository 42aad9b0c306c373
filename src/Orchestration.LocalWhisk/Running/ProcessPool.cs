using System.Diagnostics;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Running;

/// <summary>The right to run one call: with a warm process, or with the room to start one.</summary>
internal readonly record struct Seat(ActionRuntime? Process);

/// <summary>
/// Shares a bounded number of processes among calls. Calls wait in order; one that a warm process has just become free for may
/// go ahead of others for a short time, since else calls of several actions would make each other start new processes for ever.
/// </summary>
internal sealed class ProcessPool : IDisposable
{
    private readonly int _maxProcesses;
    private readonly TimeSpan _maxIdle;
    private readonly Timer _cooling;

    private static readonly TimeSpan ShortestCooling = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Overtaking = TimeSpan.FromMilliseconds(200);
    private readonly Lock _lock = new();

    // The one that became free last is at the end.
    private readonly List<ActionRuntime> _idle = [];
    private readonly HashSet<ActionRuntime> _live = [];
    private readonly Dictionary<WhiskAction, Queue<Waiter>> _waiting = [];
    private int _seats;
    private long _sequence;
    private bool _closed;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="maxProcesses">The most processes at once.</param>
    /// <param name="maxIdle">A process that no call came for in so long is ended.</param>
    public ProcessPool(int maxProcesses, TimeSpan maxIdle)
    {
        (_maxProcesses, _maxIdle) = (maxProcesses, maxIdle);
        var interval = maxIdle / 10 > ShortestCooling ? maxIdle / 10 : ShortestCooling;
        _cooling = new Timer(_ => EndIdle(), null, interval, interval);
    }

    /// <summary>All processes there are.</summary>
    public IReadOnlyList<ActionRuntime> Live
    {
        get
        {
            lock (_lock)
                return [.. _live];
        }
    }

    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Values.Sum(q => q.Count);
        }
    }

    /// <summary>Ends when it is the call's turn. Every seat is given back by exactly one of Release, DiscardAsync and GiveUp.</summary>
    /// <exception cref="OperationCanceledException">The pool was closed.</exception>
    public async ValueTask<Seat> AcquireAsync(WhiskAction action)
    {
        Waiter waiter;
        ActionRuntime? evicted;
        lock (_lock)
        {
            if (_closed)
                throw new OperationCanceledException("The pool is closed.");
            if (TakeIdle(action) is { } warm)
                return new Seat(warm);
            if (_seats < _maxProcesses)
            {
                _seats++;
                return default;
            }
            if (_idle is [var longestIdle, ..])
            {
                _idle.RemoveAt(0);
                (evicted, waiter) = (longestIdle, default!);
            }
            else
            {
                (evicted, waiter) = (null, new Waiter(++_sequence, Stopwatch.GetTimestamp()));
                if (!_waiting.TryGetValue(action, out var queue))
                    _waiting.Add(action, queue = new Queue<Waiter>());
                queue.Enqueue(waiter);
            }
        }
        if (evicted is null)
            return await waiter.Turn.Task;
        await KillAsync(evicted);
        return default;
    }

    /// <summary>Tells of a process that was started with a seat.</summary>
    public void Started(ActionRuntime process)
    {
        bool isTooLate;
        lock (_lock)
        {
            _live.Add(process);
            isTooLate = _closed;
        }
        _ = isTooLate ? KillAsync(process) : ForgetWhenGoneAsync(process);
    }

    /// <summary>Gives back a process that can be used again.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isCurrent">Its action is still deployed in this revision: more calls may come.</param>
    public void Release(ActionRuntime process, bool isCurrent)
    {
        Waiter? next;
        lock (_lock)
        {
            next = TakeNext(process.Action);
            if (next is null && isCurrent)
            {
                process.IdleSince = Stopwatch.GetTimestamp();
                _idle.Add(process);
                return;
            }
        }
        if (next is null)
            _ = DiscardAsync(process);
        else if (next.IsForAnother)
            _ = HandOverAsync(process, next);
        else
            next.Turn.TrySetResult(new Seat(process));
    }

    /// <summary>Ends a process that cannot be used again, then gives back its seat.</summary>
    public async Task DiscardAsync(ActionRuntime process)
    {
        await KillAsync(process);
        GiveUp();
    }

    /// <summary>Gives back a seat that has no process.</summary>
    public void GiveUp()
    {
        Waiter? next;
        lock (_lock)
        {
            next = TakeNext(null);
            if (next is null)
                _seats--;
        }
        next?.Turn.TrySetResult(default);
    }

    /// <summary>Ends the idle processes of an action that is no more; the busy ones end when they are discarded.</summary>
    public void Retire(WhiskAction action)
    {
        List<ActionRuntime> retired;
        lock (_lock)
        {
            retired = _idle.FindAll(p => p.Action == action);
            _idle.RemoveAll(p => p.Action == action);
        }
        foreach (var process in retired)
            _ = DiscardAsync(process);
    }

    public void Dispose() => _cooling.Dispose();

    /// <summary>Ends all processes and all waiting.</summary>
    public async Task CloseAsync()
    {
        List<Waiter> waiters;
        lock (_lock)
        {
            _closed = true;
            waiters = [.. _waiting.Values.SelectMany(q => q)];
            _waiting.Clear();
            _idle.Clear();
        }
        waiters.ForEach(w => w.Turn.TrySetCanceled());
        while (true)
        {
            ActionRuntime[] live;
            lock (_lock)
                live = [.. _live];
            if (live.Length == 0)
                return;
            await Task.WhenAll(live.Select(KillAsync));
        }
    }

    private void EndIdle()
    {
        List<ActionRuntime> cold;
        lock (_lock)
        {
            cold = _idle.FindAll(p => Stopwatch.GetElapsedTime(p.IdleSince) >= _maxIdle);
            _idle.RemoveAll(cold.Contains);
        }
        foreach (var process in cold)
            _ = DiscardAsync(process);
    }

    private ActionRuntime? TakeIdle(WhiskAction action)
    {
        var index = _idle.FindLastIndex(p => p.Action == action);
        if (index < 0)
            return null;
        var process = _idle[index];
        _idle.RemoveAt(index);
        return process;
    }

    // Null as the action stands for a seat without a process: nobody has a claim on it but the first in line.
    private Waiter? TakeNext(WhiskAction? action)
    {
        var (first, firstAction) = (default(Waiter), default(WhiskAction));
        foreach (var (key, queue) in _waiting)
        {
            if (first is null || queue.Peek().Number < first.Number)
                (first, firstAction) = (queue.Peek(), key);
        }
        if (first is null)
            return null;
        if (action is not null && firstAction != action && _waiting.ContainsKey(action) && Stopwatch.GetElapsedTime(first.Since) < Overtaking)
            firstAction = action;
        var chosen = _waiting[firstAction!];
        var waiter = chosen.Dequeue();
        if (chosen.Count == 0)
            _waiting.Remove(firstAction!);
        waiter.IsForAnother = firstAction != action;
        return waiter;
    }

    private async Task HandOverAsync(ActionRuntime process, Waiter next)
    {
        await KillAsync(process);
        next.Turn.TrySetResult(default);
    }

    private async Task KillAsync(ActionRuntime process)
    {
        await process.KillAsync();
        lock (_lock)
            _live.Remove(process);
    }

    private async Task ForgetWhenGoneAsync(ActionRuntime process)
    {
        await process.Exited;
        bool wasIdle;
        lock (_lock)
            wasIdle = _idle.Remove(process);
        if (wasIdle)
            await DiscardAsync(process);
    }

    private sealed class Waiter(long number, long since)
    {
        public long Number { get; } = number;

        public long Since { get; } = since;

        public TaskCompletionSource<Seat> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsForAnother { get; set; }
    }
}
