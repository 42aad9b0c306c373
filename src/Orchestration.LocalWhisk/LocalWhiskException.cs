namespace Orchestration.LocalWhisk;

/// <summary>
/// Says why the local OpenWhisk cannot start: a port in use, a data directory that cannot be used, a setting that makes no
/// sense. The message is meant for the person at the keyboard and names the cause, the value and the remedy.
/// </summary>
public sealed class LocalWhiskException : Exception
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public LocalWhiskException()
    {
    }

    /// <summary>Makes an exception with a message that can be shown as it is.</summary>
    /// <param name="message">Cause, value and remedy.</param>
    public LocalWhiskException(string message) : base(message)
    {
    }

    /// <summary>Makes an exception with a message that can be shown as it is, and its cause.</summary>
    /// <param name="message">Cause, value and remedy.</param>
    /// <param name="innerException">What failed underneath.</param>
    public LocalWhiskException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
