using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>Accepted activations and the records of finished ones.</summary>
internal sealed class ActivationStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly AcceptedLog _accepted;
    private readonly RecordLog _records;
    private readonly string _namespace;

    public ActivationStore(string folder, LocalWhiskOptions options)
    {
        _namespace = options.Namespace;
        _records = new RecordLog(folder, options.MaxRecords, options.MaxRecordBytes);
        _accepted = new AcceptedLog(Path.Combine(folder, "accepted.jsonl"));
        CloseInterrupted();
    }

    public void Accept(Activation activation)
    {
        var accepted = AcceptedActivation.Of(activation);
        lock (_lock)
            _accepted.Add(accepted);
    }

    public void Finish(Activation activation, long start, byte[] record)
    {
        lock (_lock)
            Append(activation.Id, activation.Action.Name.ToString(), start, record);
    }

    /// <summary>Ends an activation without a record, for good: a start of the server after this one writes none either.</summary>
    public void Forget(Activation activation)
    {
        lock (_lock)
        {
            _accepted.Finish(activation.Id);
            _accepted.Rewrite();
        }
    }

    public byte[]? Find(Guid id)
    {
        RecordRef? record;
        lock (_lock)
        {
            if (!_records.TryFind(id, out record))
                return null;
        }
        return RecordLog.Read(record);
    }

    /// <summary>Records that started within the bounds (epoch ms, inclusive), the newest first.</summary>
    public IReadOnlyList<RecordRef> List(string? name, long since, long upto, int skip, int limit)
    {
        lock (_lock)
            return [.. Matching(name, since, upto).Skip(skip).Take(limit)];
    }

    public int Count(string? name, long since, long upto)
    {
        lock (_lock)
            return Matching(name, since, upto).Count();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _accepted.Dispose();
            _records.Dispose();
        }
    }

    private IEnumerable<RecordRef> Matching(string? name, long since, long upto) => _records.NewestFirst
        .SkipWhile(r => r.Start > upto)
        .TakeWhile(r => r.Start >= since)
        .Where(r => name is null || r.Name == name);

    private void CloseInterrupted()
    {
        foreach (var accepted in _accepted.Unfinished.ToList())
        {
            if (_records.TryFind(accepted.Id, out _))
                _accepted.Finish(accepted.Id);
            else
                Append(accepted.Id, accepted.Name.ToString(), accepted.Received, RecordJson.Interrupted(accepted, _namespace));
        }
        _accepted.Rewrite();
        _records.DropOldest();
    }

    private void Append(Guid id, string name, long start, byte[] record)
    {
        _records.Append(id, name, start, record);
        _accepted.Finish(id);
        if (!_records.IsOverfull)
            return;
        // In this order: an accepted activation without a record reads as one that was cut short.
        _accepted.Rewrite();
        _records.DropOldest();
        _records.DropOldest();
    }
}
