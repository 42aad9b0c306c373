using System.Net;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Api.Access;

/// <summary>Where a service listens beside its own free port of 127.0.0.1, and how it is kept from those who may not use it.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Certificate">What TLS is made with; null for plain HTTP.</param>
/// <param name="IsBehindProxy">Whether a reverse proxy makes TLS and tells whom it asks for.</param>
internal sealed record Listening(IPEndPoint Address, TlsCertificate? Certificate, bool IsBehindProxy)
{
    /// <summary>Whether others than programs of this machine get here, so that the name in the request tells nothing.</summary>
    public bool IsPublic => IsBehindProxy || !IPAddress.IsLoopback(Address.Address);

    /// <summary>Reads <c>HOST:PORT</c>.</summary>
    /// <param name="text">Such as <c>0.0.0.0:8443</c>, <c>[::1]:8080</c> or <c>localhost:8080</c>.</param>
    /// <param name="source">Where it was given.</param>
    /// <exception cref="CommandException">It is nothing of that.</exception>
    public static IPEndPoint ParseAddress(string text, string source)
    {
        var known = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? $"127.0.0.1:{text["localhost:".Length..]}"
            : text.StartsWith("*:", StringComparison.Ordinal) ? $"0.0.0.0:{text["*:".Length..]}"
            : text;
        // Without its port an IPv6 address would be read as one whose last part is it.
        return IPEndPoint.TryParse(known, out var address) && known.Contains(':', StringComparison.Ordinal) && (known.StartsWith('[') || known.Count(c => c == ':') == 1)
            ? address
            : throw CommandException.Usage($"{source}: '{text}' is no ADDRESS:PORT, such as 127.0.0.1:8080, 0.0.0.0:8443 or [::]:8443.");
    }
}
