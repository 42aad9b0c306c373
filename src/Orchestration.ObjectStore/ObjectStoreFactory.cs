using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore;

/// <summary>Makes the object store that a location names.</summary>
public static class ObjectStoreFactory
{
    private const string Forms = "http(s)://host:port, host:port (plain http), or file:DIR";

    /// <summary>Makes a store; connects to it at the first call.</summary>
    /// <param name="location"><c>http(s)://host:port</c> or <c>host:port</c>, which means plain http, for an S3 server; <c>file:DIR</c> or
    /// <c>file:///DIR</c> for a folder. Only the form with slashes is a URL and so percent-decoded.</param>
    /// <param name="accessKey">The S3 server's access key; null, with <paramref name="secretKey"/>, for access without credentials. Unused for a folder.</param>
    /// <param name="secretKey">The S3 server's secret key.</param>
    /// <returns>The store; disposable when it holds connections.</returns>
    /// <exception cref="ObjectStoreException">The location is none of these, or one of the keys is missing. Code <c>InvalidEndpoint</c>.</exception>
    public static IObjectStore Create(string location, string? accessKey = null, string? secretKey = null)
    {
        var text = location.Trim();
        if (text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return new FolderObjectStore(FolderOf(text));

        var url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        var portGiven = text.Contains("://", StringComparison.Ordinal) || text.LastIndexOf(':') > text.LastIndexOf(']');
        if (!portGiven || !Uri.TryCreate(url, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.Host.Length == 0)
            throw Invalid($"'{Shown(text)}' is no object store. Give {Forms}.");
        if (endpoint.UserInfo.Length > 0)
            throw Invalid($"The URL of the object store at {endpoint.Authority} has credentials in it. Give them with --access-key and --secret-key.");
        if (endpoint.PathAndQuery != "/" || endpoint.Fragment.Length > 0)
            throw Invalid($"The URL of the object store '{endpoint.GetLeftPart(UriPartial.Authority)}' has a path, query or fragment behind it. Give scheme, host and port only; buckets are named with each object.");
        if (string.IsNullOrEmpty(accessKey) != string.IsNullOrEmpty(secretKey))
            throw Invalid($"The object store at {endpoint.Authority} has {(string.IsNullOrEmpty(accessKey) ? "a secret key without an access key" : "an access key without a secret key")}. Give both --access-key and --secret-key, or none.");
        return new MinioObjectStore(endpoint, accessKey, secretKey);
    }

    // What stands before an @ may be credentials.
    private static string Shown(string text) => text[(text.LastIndexOf('@') + 1)..];

    private static string FolderOf(string location)
    {
        var path = location["file:".Length..];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            var rest = path[2..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var host = slash < 0 ? rest : rest[..slash];
            if (host is not ("" or "localhost"))
                throw Invalid($"'{location}' names the host '{host}'. Give file:///DIR with an absolute folder, or file:DIR.");
            path = Uri.UnescapeDataString(slash < 0 ? "" : rest[slash..]);
        }
        return path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw Invalid($"'{location}' names no folder. Give file:DIR, such as file:.orchestration/objects.");
    }

    private static ObjectStoreException Invalid(string message) => new("InvalidEndpoint", message);
}
