namespace Orchestration.Persistence.MongoDb;

/// <summary>MongoDB cannot be reached, refuses, or failed. The message names the server without credentials, the cause and what to do about it.</summary>
public sealed class MongoStorageException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause, value and remedy, for the person who runs the program.</param>
    /// <param name="cause">What went wrong underneath; null when nothing did.</param>
    public MongoStorageException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
