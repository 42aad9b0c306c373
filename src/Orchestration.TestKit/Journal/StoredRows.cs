using Akka.Persistence;
using Orchestration.Core.Facts;

namespace Orchestration.TestKit;

/// <summary>What was stored, which outlives the process under test, and where that is to crash. Safe for many threads.</summary>
internal sealed class StoredRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedList<long, IPersistentRepresentation>> _rows = new(StringComparer.Ordinal);
    private Func<IReadOnlyList<Fact>, bool>? _crash;
    private Life _life = new();

    /// <summary>How many rows of facts were stored.</summary>
    public int Commits { get; private set; }

    /// <summary>The process that may write.</summary>
    public Life Life
    {
        get
        {
            lock (_gate)
                return _life;
        }

        set
        {
            lock (_gate)
                _life = value;
        }
    }

    /// <summary>Has the process crash when a row is stored that this says.</summary>
    /// <param name="crash">Looks at the row's facts.</param>
    public void CrashWhen(Func<IReadOnlyList<Fact>, bool> crash)
    {
        lock (_gate)
            _crash = crash;
    }

    /// <summary>Stores rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="life">Who writes.</param>
    /// <returns>Whether the writer lives to hear of it.</returns>
    /// <exception cref="InvalidOperationException">A row is there already: two processes write.</exception>
    public bool Write(IEnumerable<IPersistentRepresentation> rows, Life life)
    {
        lock (_gate)
        {
            if (life.HasCrashed)
                return false;
            foreach (var row in rows)
            {
                if (!_rows.TryGetValue(row.PersistenceId, out var own))
                    _rows.Add(row.PersistenceId, own = []);
                if (!own.TryAdd(row.SequenceNr, row))
                    throw new InvalidOperationException($"The row {row.SequenceNr} of {row.PersistenceId} is stored already.");
                if (row.Payload is not Commit commit)
                    continue;
                Commits++;
                if (_crash?.Invoke(commit.Facts) != true)
                    continue;
                _crash = null;
                life.Crash();
            }
            return !life.HasCrashed;
        }
    }

    public List<IPersistentRepresentation> Read(string persistenceId, long from, long to, long max)
    {
        lock (_gate)
        {
            return _rows.TryGetValue(persistenceId, out var own)
                ? [.. own.Values.Where(r => r.SequenceNr >= from && r.SequenceNr <= to).Take((int)Math.Min(max, int.MaxValue))]
                : [];
        }
    }

    public long Highest(string persistenceId)
    {
        lock (_gate)
            return _rows.TryGetValue(persistenceId, out var own) && own.Count > 0 ? own.Keys[^1] : 0;
    }

    public void Delete(string persistenceId, long to)
    {
        lock (_gate)
        {
            if (!_rows.TryGetValue(persistenceId, out var own))
                return;
            // The highest number stays known.
            foreach (var number in own.Keys.Where(n => n <= to && n < own.Keys[^1]).ToList())
                own.Remove(number);
        }
    }
}
