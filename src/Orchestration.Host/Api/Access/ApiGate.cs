using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Orchestration.Host.Keys;

namespace Orchestration.Host.Api.Access;

/// <summary>
/// Decides who may ask for what. On the process's own port of 127.0.0.1: nobody on behalf of a foreign web page, nobody under a name that is not
/// this machine's loopback (such a name could be anybody's), and then whoever has the token or a key. Where it listens for others: whoever has a key.
/// </summary>
/// <param name="token">What programs of this machine send.</param>
/// <param name="ports">The ports where only this machine's programs get, with those for others as false.</param>
/// <param name="keys">The keys.</param>
/// <param name="throttle">Bounds how often is asked.</param>
internal sealed class ApiGate(string token, IReadOnlyDictionary<int, Listening?> ports, ApiKeyRing keys, Throttle throttle)
{
    private const string Scheme = "Bearer ";

    private static readonly string[] OwnHosts = ["127.0.0.1", "localhost", "[::1]"];

    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>A new token: 256 random bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Where a request comes from; what a proxy says about that counts where one was announced.</summary>
    public string AddressOf(HttpContext context)
    {
        // The last entry is the proxy's own; those before it are whatever the caller wrote.
        var forwarded = PlaceOf(context) is { IsBehindProxy: true } ? context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim() : "";
        return forwarded.Length > 0 ? forwarded : context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
    }

    /// <exception cref="ApiException">The request is for another machine, or comes from a web page of another one.</exception>
    public void CheckOrigin(HttpContext context)
    {
        var request = context.Request;
        var host = request.Headers.Host.ToString();
        if (PlaceOf(context) is not { IsPublic: true } && !IsOwn(host, context.Connection.LocalPort))
            throw new ApiException(403, "FOREIGN_HOST", "This API answers only requests for 127.0.0.1 or localhost. Use the address that api.json in the data directory names.");
        // The service's own page is of the same host.
        if (request.Headers.Origin is [{ } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, host, StringComparison.OrdinalIgnoreCase)))
            throw new ApiException(403, "FOREIGN_ORIGIN", "This API does not answer web pages other than its own.");
    }

    /// <summary>Finds out who asks.</summary>
    /// <exception cref="ApiException">The token is missing or wrong, or it is used too often.</exception>
    public ApiCaller Identify(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var given = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        if (PlaceOf(context) is null or { IsPublic: false } && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _token))
            return ApiCaller.Local;
        if (keys.Find(given) is { } key)
        {
            throttle.CountKey(context, key.Name);
            return new ApiCaller(key.Name, key.Scope, false);
        }
        if (PlaceOf(context) is { IsPublic: true })
            throttle.CountWrong(context, AddressOf(context));
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(401, "UNAUTHORIZED", "The token is missing, wrong or expired. Send 'Authorization: Bearer TOKEN': a key that 'keys add' has made, or on this machine the token in api.json of the data directory.");
    }

    // Null for the port that is the process's own.
    private Listening? PlaceOf(HttpContext context) => ports.GetValueOrDefault(context.Connection.LocalPort);

    private static bool IsOwn(string host, int port) => OwnHosts
        .Any(name => string.Equals(host, string.Create(CultureInfo.InvariantCulture, $"{name}:{port}"), StringComparison.OrdinalIgnoreCase));
}
