using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Orchestration.Host.Api;

/// <summary>
/// Decides who may talk to the API: nobody on behalf of a web page, nobody under a name that is not this machine's loopback (such a name could
/// be anybody's), and then whoever has the token.
/// </summary>
internal sealed class ApiGate(string token, int port)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    private readonly HashSet<string> _ownHosts = new[] { "127.0.0.1", "localhost", "[::1]" }
        .Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}:{port}")).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>A new token: 256 random bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <exception cref="ApiException">The request comes from elsewhere than this machine's own programs.</exception>
    public void CheckOrigin(HttpRequest request)
    {
        if (!_ownHosts.Contains(request.Headers.Host.ToString()))
            throw new ApiException(403, "FOREIGN_HOST", "This API answers only requests for 127.0.0.1 or localhost. Use the address that api.json in the data directory names.");
        if (request.Headers.ContainsKey("Origin"))
            throw new ApiException(403, "FOREIGN_ORIGIN", "This API does not answer web pages.");
    }

    /// <exception cref="ApiException">The token is missing or wrong.</exception>
    public void CheckToken(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _token))
            return;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(401, "UNAUTHORIZED", "The token is missing or wrong. It stands in api.json in the data directory; send it as 'Authorization: Bearer TOKEN'.");
    }
}
