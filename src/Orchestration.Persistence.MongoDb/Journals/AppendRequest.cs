using MongoDB.Bson;
using Orchestration.Core.Ports;

namespace Orchestration.Persistence.MongoDb.Journals;

/// <summary>How the documents of a write belong together.</summary>
internal enum AppendKind
{
    /// <summary>One document.</summary>
    Single,

    /// <summary>Several, each its own event: one after another, none behind one that failed.</summary>
    InOrder,

    /// <summary>Several that are stored wholly or not at all.</summary>
    Transaction,
}

/// <summary>Events of one persistence id that wait to be stored. Its task ends when they are safe.</summary>
internal sealed class AppendRequest
{
    // Whoever waits may close the journal next, which the writer cannot do to itself.
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AppendRequest(string persistenceId, IReadOnlyList<BsonDocument> documents, AppendKind kind)
    {
        (PersistenceId, Documents, Kind) = (persistenceId, documents, kind);
        foreach (var document in documents)
            Bytes += document[StoredFields.Payload].AsByteArray.Length;
    }

    public string PersistenceId { get; }

    public IReadOnlyList<BsonDocument> Documents { get; }

    public AppendKind Kind { get; }

    public long Bytes { get; }

    public Task Done => _done.Task;

    public void Succeed() => _done.TrySetResult();

    public void Fail(Exception e) => _done.TrySetException(e);

    public ConcurrentWriterException LostTo(BsonDocument document) => new(PersistenceId, document[StoredFields.SequenceNr].AsInt64);
}
