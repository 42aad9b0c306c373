namespace Orchestration.Persistence.Sqlite;

/// <summary>A data directory or a file in it cannot be used. The message names the directory, the cause and what to do about it.</summary>
public sealed class DataDirectoryException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="directory">The data directory, as an absolute path.</param>
    /// <param name="message">Cause, value and remedy, for the person who runs the program.</param>
    /// <param name="cause">What went wrong underneath; null when nothing did.</param>
    public DataDirectoryException(string directory, string message, Exception? cause = null)
        : base(message, cause)
    {
        Directory = directory;
    }

    /// <summary>Whether another process holds it, which may let it go soon.</summary>
    public bool IsInUse { get; init; }

    /// <summary>The data directory, as an absolute path.</summary>
    public string Directory { get; }
}
