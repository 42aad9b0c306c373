using Orchestration.Core.Objects;

namespace Orchestration.Core.Ports;

/// <summary>
/// An object store: an S3 server or a folder. Streams everything: an object is never held in memory as a whole. Safe for many concurrent calls.
/// Every method throws <see cref="ObjectStoreException"/> for what the store refuses or cannot do.
/// </summary>
public interface IObjectStore
{
    /// <summary>Where it is, without credentials: <c>http(s)://host:port</c> or <c>file:DIR</c>.</summary>
    string Location { get; }

    /// <summary>Makes a bucket; one that exists is fine.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when the bucket is there.</returns>
    Task MakeBucketAsync(string bucket, CancellationToken cancellation);

    /// <summary>Writes an object whole; readers see the old one or the new one, never a part.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="content">What to write, from its current position to its end; seekable for a store that must know the length.</param>
    /// <param name="cancellation">Gives up; the object is then unchanged.</param>
    /// <returns>What was written.</returns>
    Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation);

    /// <summary>Reads an object.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What was read; null when the object or its bucket is not there.</returns>
    Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation);

    /// <summary>Looks whether an object is there.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is there; null when the object or its bucket is not.</returns>
    Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation);

    /// <summary>Removes an object; one that is not there is fine.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when the object is gone.</returns>
    Task RemoveAsync(ObjectKey key, CancellationToken cancellation);

    /// <summary>Lists the objects of a bucket in the order of their keys.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The objects; none when the bucket is not there.</returns>
    IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, CancellationToken cancellation);
}

/// <summary>What a store knows of one object.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">The store's version tag, without quotes.</param>
/// <param name="LastModified">When it was written, UTC.</param>
public sealed record ObjectInfo(ObjectKey Key, long Size, string? ETag, DateTimeOffset LastModified);

/// <summary>The object store refused a request or could not be reached.</summary>
public sealed class ObjectStoreException : Exception
{
    /// <summary>Reports a store error.</summary>
    /// <param name="code">The S3 error code, such as <c>AccessDenied</c>.</param>
    /// <param name="message">Cause, value and remedy.</param>
    /// <param name="inner">What the client library threw.</param>
    public ObjectStoreException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>The S3 error code, such as <c>AccessDenied</c>.</summary>
    public string Code { get; }
}
