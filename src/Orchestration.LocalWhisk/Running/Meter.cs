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

    public void End(string action)
    {
        lock (_lock)
        {
            _all.Running--;
            _perAction[action].Running--;
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
        public int Running { get; set; }

        public int Peak { get; private set; }

        public long Invocations { get; private set; }

        public void Begin()
        {
            Invocations++;
            Peak = Math.Max(Peak, ++Running);
        }
    }
}
