using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Tests.Support;

/// <summary>An object store in memory that fails as a test says.</summary>
internal sealed class MemoryStore : IObjectStore
{
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _buckets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _calls = new();

    /// <summary>Says what a call throws; null for nothing.</summary>
    public Func<string, Exception?> OnCall { get; set; } = _ => null;

    /// <summary>Every call, such as <c>get in/a</c>.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    public string Location => "memory:";

    public string? this[string key]
    {
        get => _objects.TryGetValue(key, out var content) ? Encoding.UTF8.GetString(content) : null;
        set
        {
            _buckets[ObjectKey.Parse(key).Bucket] = true;
            _objects[key] = Encoding.UTF8.GetBytes(value!);
        }
    }

    public Task MakeBucketAsync(string bucket, CancellationToken cancellation)
    {
        Call($"make {bucket}");
        _buckets[bucket] = true;
        return Task.CompletedTask;
    }

    public async Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation)
    {
        Call($"put {key}");
        if (!_buckets.ContainsKey(key.Bucket))
            throw new ObjectStoreException("NoSuchBucket", "no bucket");
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        _objects[key.Value] = copy.ToArray();
        return Info(key);
    }

    public async Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation)
    {
        Call($"get {key}");
        if (!_objects.TryGetValue(key.Value, out var content))
            return null;
        // In pieces, as from a network.
        foreach (var piece in content.Chunk(7))
            await target.WriteAsync(piece, cancellation);
        return Info(key);
    }

    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation) => Task.FromResult<ObjectInfo?>(_objects.ContainsKey(key.Value) ? Info(key) : null);

    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation)
    {
        _objects.TryRemove(key.Value, out _);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Call($"list {bucket}/{prefix}");
        foreach (var key in _objects.Keys.Where(k => k.StartsWith($"{bucket}/{prefix}", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            yield return Info(ObjectKey.Parse(key));
        await Task.CompletedTask;
    }

    private void Call(string call)
    {
        _calls.Enqueue(call);
        if (OnCall(call) is { } failure)
            throw failure;
    }

    private ObjectInfo Info(ObjectKey key) => new(key, _objects[key.Value].Length, "tag", DateTimeOffset.UnixEpoch);
}
