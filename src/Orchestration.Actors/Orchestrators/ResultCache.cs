using System.Diagnostics.CodeAnalysis;
using Orchestration.Core.Pipelines;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Results of actions that ended lately, so that the next step need not read them back from the journal. The oldest go first.</summary>
/// <param name="maxBytes">At most about so many bytes.</param>
internal sealed class ResultCache(long maxBytes)
{
    private const int Envelope = 100;

    private readonly Dictionary<(int Batch, int Index), ActionResult> _results = [];
    private readonly Queue<(int Batch, int Index)> _order = new();
    private long _bytes;

    public void Add(int batch, int index, ActionResult result)
    {
        if (!_results.TryAdd((batch, index), result))
            return;
        _order.Enqueue((batch, index));
        _bytes += Size(result);
        while (_bytes > maxBytes && _order.Count > 1)
        {
            var oldest = _order.Dequeue();
            if (_results.Remove(oldest, out var removed))
                _bytes -= Size(removed);
        }
    }

    /// <summary>A result does not count any more; another one will come.</summary>
    public void Remove(int batch, int index)
    {
        if (_results.Remove((batch, index), out var removed))
            _bytes -= Size(removed);
    }

    public bool TryGet(int batch, int index, [NotNullWhen(true)] out ActionResult? result) => _results.TryGetValue((batch, index), out result);

    private static long Size(ActionResult result) => Envelope + result.Result.Length + (result.Failure?.Message.Length * 2 ?? 0) + (result.Failure?.Raw?.Length ?? 0);
}
