namespace Orchestration.Host.Keys;

/// <summary>The keys that a service accepts: those in the file as it is now, so that a key that was removed is refused at once. Safe for many threads.</summary>
/// <param name="file">The file.</param>
/// <param name="time">Tells when keys expire.</param>
internal sealed class ApiKeyRing(ApiKeyFile file, TimeProvider time)
{
    private readonly Lock _gate = new();
    private (DateTime Written, long Length) _version;
    private IReadOnlyList<ApiKey> _keys = [];

    /// <summary>The key that a token belongs to; null when there is none, or it has expired.</summary>
    public ApiKey? Find(string token) =>
        ApiKey.IdIn(token) is { } id && Current().FirstOrDefault(k => k.Id == id) is { } key && key.Fits(token) && !(key.ExpiresAt <= time.GetUtcNow()) ? key : null;

    private IReadOnlyList<ApiKey> Current()
    {
        var info = new FileInfo(file.Path);
        var version = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
        lock (_gate)
        {
            if (version != _version)
                (_keys, _version) = (file.Read(), version);
            return _keys;
        }
    }
}
