namespace Orchestration.OpenWhisk;

/// <summary>OpenWhisk or its settings are not usable; the message says why and what to do. Never holds credentials.</summary>
public sealed class OpenWhiskException : Exception
{
    /// <summary>Reports a problem.</summary>
    /// <param name="message">Cause, value and remedy.</param>
    /// <param name="inner">What went wrong below, if anything.</param>
    public OpenWhiskException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
