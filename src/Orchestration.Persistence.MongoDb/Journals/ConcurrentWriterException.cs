namespace Orchestration.Persistence.MongoDb;

/// <summary>
/// An event was refused because its sequence number is taken by another one: another incarnation or another process writes the same persistence id, and was first.
/// </summary>
public sealed class ConcurrentWriterException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="persistenceId">Whose stream has two writers.</param>
    /// <param name="sequenceNr">The sequence number that is taken.</param>
    public ConcurrentWriterException(string persistenceId, long sequenceNr)
        : base($"Event {sequenceNr} of '{persistenceId}' is already stored: somebody else writes this persistence id. This writer must stop; its next recovery sees what the other one stored.")
    {
        PersistenceId = persistenceId;
        SequenceNr = sequenceNr;
    }

    /// <summary>Whose stream has two writers.</summary>
    public string PersistenceId { get; }

    /// <summary>The sequence number that is taken.</summary>
    public long SequenceNr { get; }
}
