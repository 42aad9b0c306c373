using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestration.Host.Keys;

/// <summary>A key of the API as it is kept: its secret is known to its holder alone.</summary>
/// <param name="Id">Finds it; the first part of what the holder sends.</param>
/// <param name="Name">Who holds it, for people and the audit.</param>
/// <param name="Scope">What the holder may do.</param>
/// <param name="Sha256">SHA-256 of the whole token, hexadecimal. A token holds 256 random bits, so nothing slower is needed.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="ExpiresAt">From when on it is refused, UTC; null for never.</param>
internal sealed record ApiKey(string Id, string Name, ApiScope Scope, string Sha256, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    private const string Prefix = "orch_";
    private const int IdBytes = 4;
    private const int SecretBytes = 32;

    /// <summary>Makes a key.</summary>
    /// <param name="name">Who will hold it.</param>
    /// <param name="scope">What the holder may do.</param>
    /// <param name="now">When it is made.</param>
    /// <param name="expiresAt">From when on it is refused; null for never.</param>
    /// <returns>The key and what its holder sends.</returns>
    public static (ApiKey Key, string Token) Make(string name, ApiScope scope, DateTimeOffset now, DateTimeOffset? expiresAt)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var token = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}");
        return (new ApiKey(id, name, scope, Hash(token), now, expiresAt), token);
    }

    /// <summary>The id in a token; null when it is none.</summary>
    public static string? IdIn(string token) =>
        token.StartsWith(Prefix, StringComparison.Ordinal) && token.Length > Prefix.Length + (2 * IdBytes) && token[Prefix.Length + (2 * IdBytes)] == '_' ? token[Prefix.Length..(Prefix.Length + (2 * IdBytes))] : null;

    /// <summary>Whether a token is this key's; takes as long for a wrong one as for the right one.</summary>
    public bool Fits(string token) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(Sha256));

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
