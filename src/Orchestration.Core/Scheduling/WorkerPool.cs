namespace Orchestration.Core.Scheduling;

/// <summary>
/// The book-keeping of a bounded pool: who is free, who runs what. Workers are made when they are needed, up to the bound, and reused.
/// Owned by one actor; not for concurrent use.
/// </summary>
/// <typeparam name="TWorker">What names a worker.</typeparam>
/// <typeparam name="TWork">What names a piece of work.</typeparam>
public sealed class WorkerPool<TWorker, TWork>
    where TWorker : notnull
    where TWork : notnull
{
    private readonly Stack<TWorker> _free = new();
    private readonly Dictionary<TWorker, TWork> _busy = [];
    private readonly int _size;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="size">At most so many workers, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public WorkerPool(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _size = size;
    }

    /// <summary>How many pieces of work can be taken on.</summary>
    public int Places => Math.Max(0, _size - _busy.Count);

    /// <summary>How many workers there are.</summary>
    public int Workers => _free.Count + _busy.Count;

    /// <summary>How many workers are busy.</summary>
    public int Busy => _busy.Count;

    /// <summary>Gives work to a free worker, or to a new one. Work that was under way before a restart is taken on even beyond the bound.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="create">Makes a worker.</param>
    /// <returns>The worker.</returns>
    public TWorker Assign(TWork work, Func<TWorker> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        var worker = _free.Count > 0 ? _free.Pop() : create();
        _busy.Add(worker, work);
        return worker;
    }

    /// <summary>The worker has done its work.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="work">What it says it has done.</param>
    /// <returns>False when it did not run that: a report that came twice.</returns>
    public bool Finish(TWorker worker, TWork work)
    {
        if (!_busy.TryGetValue(worker, out var current) || !current.Equals(work))
            return false;
        _busy.Remove(worker);
        _free.Push(worker);
        return true;
    }

    /// <summary>The worker is gone.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="work">What it was doing.</param>
    /// <returns>Whether it was doing something.</returns>
    public bool Remove(TWorker worker, out TWork? work)
    {
        if (_busy.Remove(worker, out work))
            return true;
        if (_free.Contains(worker))
        {
            var rest = _free.Where(w => !w.Equals(worker)).Reverse().ToArray();
            _free.Clear();
            foreach (var other in rest)
                _free.Push(other);
        }

        return false;
    }
}
