using System.Diagnostics;

namespace Orchestration.LocalWhisk.Faults;

/// <summary>Draws what goes wrong. With the same seed and the same order of requests it is the same each time.</summary>
internal sealed class FaultPlan(IReadOnlyList<Fault> faults, int seed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FaultKind, long> _times = [];
    private Dictionary<FaultKind, Fault> _faults = Index(faults);
    private Random _random = Seeded(seed);
    private long _burstBegan;
    private TimeSpan _burst;

    /// <summary>The faults in force with the times that each struck since it was set.</summary>
    public IReadOnlyList<(Fault Fault, long Times)> Snapshot()
    {
        lock (_lock)
            return [.. _faults.Values.OrderBy(f => f.Kind).Select(f => (f, _times.GetValueOrDefault(f.Kind)))];
    }

    /// <summary>Replaces all faults, counts from zero again, and begins the row of draws anew.</summary>
    public void Set(IReadOnlyList<Fault> next)
    {
        lock (_lock)
        {
            _faults = Index(next);
            _times.Clear();
            _random = Seeded(seed);
            _burst = TimeSpan.Zero;
        }
    }

    public bool Strikes(FaultKind kind) => Strikes(kind, out _);

    public bool Strikes(FaultKind kind, out TimeSpan time)
    {
        lock (_lock)
        {
            time = TimeSpan.Zero;
            if (!_faults.TryGetValue(kind, out var fault) || _random.NextDouble() * 100 >= fault.Percent)
                return false;
            _times[kind] = _times.GetValueOrDefault(kind) + 1;
            time = fault.Time;
            return true;
        }
    }

    /// <summary>Whether a call comes within a burst of refusals, which it may begin itself.</summary>
    public bool IsInBurst()
    {
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_burstBegan) < _burst)
            {
                _times[FaultKind.Burst429]++;
                return true;
            }
            if (!Strikes(FaultKind.Burst429, out _burst))
                return false;
            _burstBegan = Stopwatch.GetTimestamp();
            return true;
        }
    }

    private static Dictionary<FaultKind, Fault> Index(IReadOnlyList<Fault> faults)
    {
        var index = new Dictionary<FaultKind, Fault>();
        foreach (var fault in faults)
            index[fault.Kind] = fault;
        return index;
    }

    // Faults are to be repeatable, not unpredictable.
#pragma warning disable CA5394
    private static Random Seeded(int seed) => new(seed);
#pragma warning restore CA5394
}
