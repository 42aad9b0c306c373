using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Reports;

/// <summary>What is gathered about objects.</summary>
internal sealed class ObjectTallies
{
    private readonly Dictionary<ObjectKey, (Accesses Puts, Accesses Gets)> _byKey = [];
    private readonly List<ObjectKey> _order = [];

    public long BytesRead { get; private set; }

    public long BytesWritten { get; private set; }

    public int Read => _byKey.Values.Count(o => o.Gets.Any);

    public int Written => _byKey.Values.Count(o => o.Puts.Any);

    public long? InputSize
    {
        get
        {
            Accesses? input = null;
            foreach (var key in _order)
            {
                var (puts, gets) = _byKey[key];
                if (!puts.Any && (input is null || gets.Last < input.Last))
                    input = gets;
            }

            return input?.Size;
        }
    }

    public void Add(ActionTally action, ObjectReport report)
    {
        foreach (var access in report.Reads)
        {
            Of(access.Object).Gets.Add(action.Id, access);
            action.BytesRead += access.Size;
            BytesRead += access.Size;
        }

        foreach (var access in report.Writes)
        {
            Of(access.Object).Puts.Add(action.Id, access);
            action.BytesWritten += access.Size;
            BytesWritten += access.Size;
        }
    }

    public ImmutableArray<ObjectUsage> ToReport(DateTimeOffset end)
    {
        var objects = ImmutableArray.CreateBuilder<ObjectUsage>(_order.Count);
        foreach (var key in _order)
        {
            var (puts, gets) = _byKey[key];
            objects.Add(new ObjectUsage(
                key,
                puts.Any ? puts.First : null,
                gets.Any ? gets.Last : null,
                puts.Any ? puts.Size : null,
                gets.Any ? gets.Size : null,
                puts.Any && gets.Any ? Spans.Between(puts.First, gets.Last) : null,
                puts.Any ? Spans.Between(puts.First, end) : null,
                puts.Actions(),
                gets.Actions()));
        }

        return objects.MoveToImmutable();
    }

    private (Accesses Puts, Accesses Gets) Of(ObjectKey key)
    {
        if (_byKey.TryGetValue(key, out var known))
            return known;
        _order.Add(key);
        return _byKey[key] = (new Accesses(), new Accesses());
    }

    /// <summary>The reads or the writes of one object. Times decide about first and last, as facts come in the order in which attempts ended.</summary>
    private sealed class Accesses
    {
        private readonly Dictionary<ActionId, (DateTimeOffset First, int Order)> _actions = [];

        public bool Any => _actions.Count > 0;

        public DateTimeOffset First { get; private set; }

        public DateTimeOffset Last { get; private set; }

        /// <summary>The size of the latest access.</summary>
        public long Size { get; private set; }

        public void Add(ActionId action, ObjectAccess access)
        {
            if (!Any || access.Time < First)
                First = access.Time;
            if (!Any || access.Time >= Last)
                (Last, Size) = (access.Time, access.Size);
            if (!_actions.TryGetValue(action, out var known))
                _actions.Add(action, (access.Time, _actions.Count));
            else if (access.Time < known.First)
                _actions[action] = known with { First = access.Time };
        }

        public ImmutableArray<ActionId> Actions() => [.. _actions.OrderBy(a => a.Value).Select(a => a.Key)];
    }
}
