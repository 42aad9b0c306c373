namespace Orchestration.LocalWhisk.Running;

/// <summary>Counts the activations that have a process, now and at most.</summary>
internal sealed class Meter
{
    private readonly Lock _lock = new();
    private readonly Counter _all = new();
    private readonly Dictionary<string, Counter> _perAction = new(StringComparer.Ordinal);

    public void Begin(string action)
    {
        lock (_lock)
        {
            _all.Begin();
            if (!_perAction.TryGetValue(action, out var counter))
                _perAction.Add(action, counter = new Counter());
            counter.Begin();
        }
    }

    /// <param name="action">Its name.</param>
    /// <param name="hasRun">Not where the process turned out to be gone and another is tried.</param>
    public void End(string action, bool hasRun)
    {
        lock (_lock)
        {
            _all.End(hasRun);
            _perAction[action].End(hasRun);
        }
    }

    public LocalWhiskMetrics Snapshot(int waiting)
    {
        lock (_lock)
        {
            return new LocalWhiskMetrics(_all.Running, _all.Peak, waiting, _perAction.ToDictionary(
                p => p.Key, p => new LocalWhiskActionMetrics(p.Value.Running, p.Value.Peak, p.Value.Invocations), StringComparer.Ordinal));
        }
    }

    private sealed class Counter
    {
        public int Running { get; private set; }

        public int Peak { get; private set; }

        public long Invocations { get; private set; }

        public void Begin()
        {
            Invocations++;
            Peak = Math.Max(Peak, ++Running);
        }

        public void End(bool hasRun)
        {
            Running--;
            if (!hasRun)
                Invocations--;
        }
    }
}
