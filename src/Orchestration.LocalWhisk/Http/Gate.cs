using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestration.LocalWhisk.Http;

/// <summary>
/// Decides who may talk to the server: web pages only if their origin is allowed, and only under this machine's loopback names
/// (a name of the attacker's that resolves to 127.0.0.1 would make any page same-origin); then whoever has the key.
/// </summary>
internal sealed class Gate(LocalWhiskOptions options)
{
    private readonly byte[] _credentials = Encoding.UTF8.GetBytes(options.Auth);
    private readonly bool _allowsAll = options.AllowedOrigins.Contains("*");
    private readonly HashSet<string> _origins = options.AllowedOrigins.Select(o => o.TrimEnd('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
    private HashSet<string> _ownHosts = new(StringComparer.OrdinalIgnoreCase);

    public void ListensOn(int port)
    {
        string[] names = ["127.0.0.1", "localhost", "[::1]"];
        _ownHosts = names.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n}:{port}")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (port == 80)
            _ownHosts.UnionWith(names);
    }

    /// <summary>Refuses foreign pages and adds the CORS headers for allowed ones.</summary>
    public void CheckOrigin(Call call)
    {
        var host = call.Request.Headers.Host.ToString();
        if (!_allowsAll && !_ownHosts.Contains(host) && !_origins.Contains("http://" + host) && !_origins.Contains("https://" + host))
            throw new ApiException(403, $"The local OpenWhisk answers only requests for this machine, not for the host '{host}'. Use 127.0.0.1 or localhost, or allow the origin with --allow-origin.");
        // Open to all, it answers as the real platform does: with the headers for every caller.
        if (!call.Request.Headers.TryGetValue("Origin", out var origin) && !_allowsAll)
            return;
        if (!IsAllowed(origin.ToString()))
            throw new ApiException(403, $"The local OpenWhisk does not answer web pages of the origin '{origin}'. Allow it with --allow-origin if you trust it: whoever calls this server runs code on this machine.");
        var headers = call.Context.Response.Headers;
        headers.AccessControlAllowOrigin = _allowsAll ? "*" : origin;
        headers.AccessControlAllowMethods = "GET, DELETE, POST, PUT, HEAD";
        headers.AccessControlAllowHeaders = "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent";
        if (!_allowsAll)
            headers.Vary = "Origin";
    }

    public void CheckCredentials(Call call)
    {
        var header = call.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            throw Unauthorized(call, "The resource requires authentication, which was not supplied with the request");
        if (!IsOurs(header))
            throw Unauthorized(call, "The supplied authentication is invalid");
    }

    private static ApiException Unauthorized(Call call, string error)
    {
        call.Context.Response.Headers.WWWAuthenticate = "Basic realm=\"OpenWhisk secure realm\"";
        return new ApiException(401, error);
    }

    private bool IsAllowed(string origin)
    {
        const string scheme = "http://";
        return _allowsAll || _origins.Contains(origin)
            || (origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && _ownHosts.Contains(origin[scheme.Length..]));
    }

    private bool IsOurs(string header)
    {
        const string scheme = "Basic ";
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        var text = header[scheme.Length..].Trim();
        var decoded = new byte[text.Length];
        return Convert.TryFromBase64String(text, decoded, out var length)
            && CryptographicOperations.FixedTimeEquals(decoded.AsSpan(0, length), _credentials);
    }
}
