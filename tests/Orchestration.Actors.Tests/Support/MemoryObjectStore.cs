using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Tests.Support;

/// <summary>An object store that keeps texts, counts questions, and refuses them when told to.</summary>
internal sealed class MemoryObjectStore : IObjectStore
{
    private readonly ConcurrentDictionary<ObjectKey, string> _objects = new();
    private int _stats;

    public string Location => "file:store";

    public bool Refuses { get; set; }

    public int Stats => Volatile.Read(ref _stats);

    public void Put(string key, string content) => _objects[ObjectKey.Parse(key)] = content;

    public string? Get(string key) => _objects.GetValueOrDefault(ObjectKey.Parse(key));

    public void Lose(params IEnumerable<string> keys)
    {
        foreach (var key in keys)
            Assert.True(_objects.TryRemove(ObjectKey.Parse(key), out _), $"{key} is not there to be lost");
    }

    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _stats);
        if (Refuses)
            throw new ObjectStoreException("AccessDenied", "no");
        return Task.FromResult(_objects.TryGetValue(key, out var content) ? new ObjectInfo(key, content.Length, content, DateTimeOffset.UnixEpoch) : null);
    }

    public Task MakeBucketAsync(string bucket, CancellationToken cancellation) => Task.CompletedTask;

    public async Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation)
    {
        using var reader = new StreamReader(content);
        _objects[key] = await reader.ReadToEndAsync(cancellation);
        return (await StatAsync(key, cancellation))!;
    }

    public async Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation)
    {
        if (_objects.TryGetValue(key, out var content))
            await target.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), cancellation);
        return await StatAsync(key, cancellation);
    }

    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation)
    {
        _objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var key in _objects.Keys.Where(k => k.Bucket == bucket && k.Key.StartsWith(prefix, StringComparison.Ordinal)).Order())
            yield return (await StatAsync(key, cancellation))!;
    }
}
