namespace Orchestration.Host.Api;

/// <summary>Ends a request with a problem document.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">Short and stable, for programs.</param>
/// <param name="message">Cause, value and remedy, for people.</param>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
