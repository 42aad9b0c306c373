using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.TestKit;

/// <summary>An object store in memory. It stays when the process under test crashes. Safe for many threads.</summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private readonly ConcurrentDictionary<ObjectKey, byte[]> _objects = new();

    /// <inheritdoc />
    public string Location => "memory:";

    /// <summary>Puts a text.</summary>
    /// <param name="key">Where, <c>bucket/key</c>.</param>
    /// <param name="content">What.</param>
    public void Put(string key, string content) => _objects[ObjectKey.Parse(key)] = Encoding.UTF8.GetBytes(content);

    /// <summary>Reads a text.</summary>
    /// <param name="key">Which object, <c>bucket/key</c>.</param>
    /// <returns>Its content; null when it is not there.</returns>
    public string? Get(string key) => _objects.TryGetValue(ObjectKey.Parse(key), out var content) ? Encoding.UTF8.GetString(content) : null;

    /// <summary>Removes objects, as if they had been lost.</summary>
    /// <param name="keys">Which, <c>bucket/key</c>.</param>
    /// <exception cref="ArgumentException">One is not there to be lost.</exception>
    public void Lose(params IEnumerable<string> keys)
    {
        foreach (var key in keys)
            if (!_objects.TryRemove(ObjectKey.Parse(key), out _))
                throw new ArgumentException($"The object '{key}' is not there to be lost; there are {(_objects.IsEmpty ? "none" : string.Join(", ", _objects.Keys.Order().Select(k => k.Value)))}.", nameof(keys));
    }

    /// <inheritdoc />
    public Task MakeBucketAsync(string bucket, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        _objects[key] = copy.ToArray();
        return Info(key)!;
    }

    /// <inheritdoc />
    public async Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!_objects.TryGetValue(key, out var content))
            return null;
        await target.WriteAsync(content, cancellation);
        return Info(key);
    }

    /// <inheritdoc />
    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation) => Task.FromResult(Info(key));

    /// <inheritdoc />
    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation)
    {
        _objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var key in _objects.Keys.Where(k => k.Bucket == bucket && k.Key.StartsWith(prefix, StringComparison.Ordinal)).Order())
            if (Info(key) is { } info)
                yield return info;
    }

    internal long? Find(string key) => _objects.TryGetValue(ObjectKey.Parse(key), out var content) ? content.Length : null;

    private ObjectInfo? Info(ObjectKey key) => _objects.TryGetValue(key, out var content)
        ? new ObjectInfo(key, content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), DateTimeOffset.UnixEpoch)
        : null;
}
