namespace Orchestration.Core.Ports;

/// <summary>
/// A journal refused an event because its sequence number is taken: another incarnation or another process writes the same persistence id, and was first.
/// Nothing of the refused write is stored.
/// </summary>
public sealed class ConcurrentWriterException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="persistenceId">Whose stream has two writers.</param>
    /// <param name="sequenceNr">The first sequence number of the refused write.</param>
    /// <param name="cause">What the database said; null when it was found otherwise.</param>
    public ConcurrentWriterException(string persistenceId, long sequenceNr, Exception? cause = null)
        : base($"Event {sequenceNr} of '{persistenceId}' is already stored: somebody else writes this persistence id. This writer must stop; its next recovery sees what the other one stored.", cause)
    {
        PersistenceId = persistenceId;
        SequenceNr = sequenceNr;
    }

    /// <summary>Whose stream has two writers.</summary>
    public string PersistenceId { get; }

    /// <summary>The first sequence number of the refused write.</summary>
    public long SequenceNr { get; }
}
