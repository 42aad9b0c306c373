using Orchestration.Core.Objects;

namespace Orchestration.OpenWhisk;

/// <summary>Which OpenWhisk to talk to, and how. Its text form leaves out the credentials.</summary>
public sealed record OpenWhiskOptions
{
    /// <summary>The longest wait that OpenWhisk grants a blocking call (source: its <c>max-wait-for-blocking-activation</c>).</summary>
    public static readonly TimeSpan LongestBlockingWait = TimeSpan.FromSeconds(60);

    /// <summary>Base URL of the API without <c>/api/v1</c>, such as <c>http://localhost:3233</c>.</summary>
    public required Uri ApiHost { get; init; }

    /// <summary>The credentials as <c>wsk property get --auth</c> prints them: <c>uuid:key</c>.</summary>
    public required string Auth { get; init; }

    /// <summary>The namespace of actions named without one. Default: <c>_</c>, the credentials' own.</summary>
    public string Namespace { get; init; } = "_";

    /// <summary>The API's version in its path. Default: <c>v1</c>.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Accept any TLS certificate, for self-signed ones. Default: false.</summary>
    public bool Insecure { get; init; }

    /// <summary>Let an invoke wait for the result for <see cref="BlockingWait"/>, so that a short action costs one request. Default: true.</summary>
    public bool Blocking { get; init; } = true;

    /// <summary>How long a blocking invoke waits before OpenWhisk answers with the activation's id only; 1 ms to 60 s. Default: 5 s.</summary>
    public TimeSpan BlockingWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take, beyond the wait of a blocking invoke. Default: 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long setting up a connection may take. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At most so many connections; further requests wait for one. Default: 1024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>The longest reply that is read, in bytes; OpenWhisk's own limit for a result is 1 MB. Default: 16 MB.</summary>
    public int MaxReplyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Reads an object of the object store, null when it is not there: an action's report of the objects it used is stored as one when it
    /// is too large for the reply. Default: null, such reports are left unread.</summary>
    public Func<ObjectKey, CancellationToken, Task<byte[]?>>? LoadReport { get; init; }

    /// <summary>Reads an API host as <c>wsk</c> does: without a scheme it means https.</summary>
    /// <param name="text">A URL or <c>host[:port]</c>.</param>
    /// <param name="source">Where the text was given, such as <c>--openwhisk</c>, for the error's message.</param>
    /// <returns>The base URL.</returns>
    /// <exception cref="OpenWhiskException">The text is not a URL or host, or holds credentials, a query or a fragment.</exception>
    public static Uri ParseApiHost(string text, string source)
    {
        var trimmed = text.Trim();
        var url = trimmed.Contains("://", StringComparison.Ordinal) ? trimmed : "https://" + trimmed;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var host) || host.Scheme is not ("http" or "https") || host.Host.Length == 0)
            throw new OpenWhiskException($"{source}: '{trimmed}' is no OpenWhisk host. Give a URL such as https://openwhisk.example.org or http://localhost:3233.");
        // The text may hold a password, so the message doesn't repeat it.
        if (host.UserInfo.Length > 0 || host.Query.Length > 0 || host.Fragment.Length > 0)
            throw new OpenWhiskException($"{source}: the URL of OpenWhisk at {host.Host} has credentials, a query or a fragment in it. Give scheme, host and port only; the credentials go into --auth or AUTH.");
        return host;
    }

    /// <summary>Checks credentials for their shape.</summary>
    /// <param name="auth">What was given.</param>
    /// <param name="source">Where it was given, for the error's message.</param>
    /// <returns>The credentials.</returns>
    /// <exception cref="OpenWhiskException">They are not <c>uuid:key</c>. The message doesn't repeat them.</exception>
    public static string ParseAuth(string auth, string source)
    {
        var trimmed = auth.Trim();
        var colon = trimmed.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < trimmed.Length - 1 && !trimmed.Any(char.IsWhiteSpace)
            ? trimmed
            : throw new OpenWhiskException($"{source}: the credentials are not of the form UUID:KEY. 'wsk property get --auth' prints them.");
    }

    /// <summary>Where and as which namespace, without the credentials.</summary>
    /// <returns>Text for people.</returns>
    public override string ToString() => $"{Place} (namespace {Namespace})";

    internal string Place => ApiHost.AbsoluteUri.TrimEnd('/');

    internal void Validate()
    {
        _ = ParseApiHost(ApiHost.OriginalString, nameof(ApiHost));
        _ = ParseAuth(Auth, nameof(Auth));
        if (BlockingWait < TimeSpan.FromMilliseconds(1) || BlockingWait > LongestBlockingWait)
            throw new OpenWhiskException($"{nameof(BlockingWait)}: {BlockingWait.TotalSeconds} s is not between 1 ms and {LongestBlockingWait.TotalSeconds} s, which is what OpenWhisk allows.");
        if (RequestTimeout <= TimeSpan.Zero || ConnectTimeout <= TimeSpan.Zero)
            throw new OpenWhiskException($"{nameof(RequestTimeout)} ({RequestTimeout}) and {nameof(ConnectTimeout)} ({ConnectTimeout}) must be longer than zero.");
        if (MaxConnections < 1 || MaxReplyBytes < 1024)
            throw new OpenWhiskException($"{nameof(MaxConnections)} ({MaxConnections}) must be at least 1 and {nameof(MaxReplyBytes)} ({MaxReplyBytes}) at least 1024.");
    }
}
