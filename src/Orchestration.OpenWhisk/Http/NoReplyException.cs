namespace Orchestration.OpenWhisk.Http;

/// <summary>No answer came.</summary>
/// <param name="sent">Whether the request may have reached the server.</param>
/// <param name="message">Cause, URL and remedy.</param>
/// <param name="inner">What went wrong below.</param>
internal sealed class NoReplyException(bool sent, string message, Exception inner) : Exception(message, inner)
{
    public bool Sent { get; } = sent;
}
