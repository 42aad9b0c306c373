using System.Collections.Concurrent;
using Orchestration.Core.Awaiting;

namespace Orchestration.Actors.Awaiting;

/// <summary>How many activations are awaited in this process, and how long those of each action took of late. Safe for many threads.</summary>
internal sealed class AwaitedActivations
{
    private const int RememberedNames = 10_000;

    private readonly ConcurrentDictionary<string, Recent> _recent = new(StringComparer.Ordinal);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Begin() => Interlocked.Increment(ref _count);

    public void End() => Interlocked.Decrement(ref _count);

    /// <summary>How long an action usually takes; null when too little is known.</summary>
    public UsualDuration? UsualOf(string action) => _recent.TryGetValue(action, out var recent) ? recent.Usual : null;

    /// <summary>Remembers how long an activation took.</summary>
    public void Took(string action, TimeSpan duration)
    {
        if (_recent.Count >= RememberedNames && !_recent.ContainsKey(action))
            _recent.Clear();
        _recent.GetOrAdd(action, _ => new Recent()).Add(duration);
    }

    private sealed class Recent
    {
        private const int Remembered = 20;
        private readonly Queue<TimeSpan> _durations = new(Remembered);

        // Every end of an activation is added, and few of those whose answer comes at once are ever asked for.
        public UsualDuration? Usual
        {
            get
            {
                lock (_durations)
                    return UsualDuration.Of(_durations);
            }
        }

        public void Add(TimeSpan duration)
        {
            lock (_durations)
            {
                if (_durations.Count == Remembered)
                    _durations.Dequeue();
                _durations.Enqueue(duration);
            }
        }
    }
}
