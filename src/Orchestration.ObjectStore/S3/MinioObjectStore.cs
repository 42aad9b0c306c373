using System.Globalization;
using System.Runtime.CompilerServices;
using Minio;
using Minio.DataModel;
using Minio.DataModel.Args;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.ObjectStore.S3;

namespace Orchestration.ObjectStore;

/// <summary>Objects on an S3 server, through the Minio client. At most one part of an object (5 MB, more above 50 GB) is in memory.</summary>
public sealed class MinioObjectStore : IFencedObjectStore, IDisposable
{
    // A PUT of a bucket that is there already: S3 answers so, and some servers even for the owner.
    // User metadata of an object; the Python package uses the same name.
    private const string FencingName = "fencing-number";

    private static readonly string[] AlreadyThere = ["BucketAlreadyOwnedByYou", "BucketAlreadyExists"];
    private static readonly string[] NotThere = ["NoSuchKey", "NoSuchBucket", "NotFound"];

    private readonly HttpClient _http;
    private readonly IMinioClient _client;

    /// <summary>Prepares a client; connects at the first call.</summary>
    /// <param name="endpoint"><c>http(s)://host:port</c>.</param>
    /// <param name="accessKey">The access key; null for access without credentials.</param>
    /// <param name="secretKey">The secret key; null for access without credentials.</param>
    public MinioObjectStore(Uri endpoint, string? accessKey, string? secretKey)
    {
        Location = endpoint.GetLeftPart(UriPartial.Authority);
        var sockets = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = !endpoint.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        // How long a transfer takes depends on the object; the caller's token ends it.
        _http = new HttpClient(new S3ErrorHandler(sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        var client = new MinioClient()
            .WithEndpoint(endpoint.Authority)
            .WithSSL(endpoint.Scheme == Uri.UriSchemeHttps)
            .WithHttpClient(_http);
        if (!string.IsNullOrEmpty(accessKey))
            client = client.WithCredentials(accessKey, secretKey);
        _client = client.Build();
    }

    /// <inheritdoc />
    public string Location { get; }

    /// <inheritdoc />
    public Task MakeBucketAsync(string bucket, CancellationToken cancellation) => Guarded(bucket, async () =>
    {
        try
        {
            await _client.MakeBucketAsync(new MakeBucketArgs().WithBucket(bucket), cancellation);
        }
        catch (S3RefusedException e) when (AlreadyThere.Contains(e.Code))
        {
            // As asked for.
        }
        return true;
    });

    /// <inheritdoc />
    public Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation) => WriteAsync(key, content, null, cancellation);

    /// <summary>As in the port, but the object's number is looked at before the write begins, and S3 makes no one step of the two.</summary>
    /// <inheritdoc />
    public Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, long fencing, CancellationToken cancellation) => WriteAsync(key, content, fencing, cancellation);

    private Task<ObjectInfo> WriteAsync(ObjectKey key, Stream content, long? fencing, CancellationToken cancellation) => Guarded(key.Value, async () =>
    {
        if (content.CanSeek)
            return await PutSizedAsync(key, content, content.Length - content.Position, fencing, cancellation);
        // S3 wants the size first, and of a stream of unknown size the client would hold half a gigabyte.
        await using var spool = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 128 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await content.CopyToAsync(spool, cancellation);
        spool.Position = 0;
        return await PutSizedAsync(key, spool, spool.Length, fencing, cancellation);
    });

    /// <inheritdoc />
    public Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation) => Found(key, async () =>
    {
        var args = new GetObjectArgs().WithBucket(key.Bucket).WithObject(key.Key)
            .WithCallbackStream((source, token) => source.CopyToAsync(target, token));
        return Info(key, await _client.GetObjectAsync(args, cancellation));
    });

    /// <inheritdoc />
    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation) => Found(key, async () =>
        Info(key, await _client.StatObjectAsync(new StatObjectArgs().WithBucket(key.Bucket).WithObject(key.Key), cancellation)));

    /// <inheritdoc />
    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation) => Guarded(key.Value, async () =>
    {
        try
        {
            await _client.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(key.Bucket).WithObject(key.Key), cancellation);
        }
        catch (S3RefusedException e) when (NotThere.Contains(e.Code))
        {
            // As asked for.
        }
        return true;
    });

    /// <inheritdoc />
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var args = new ListObjectsArgs().WithBucket(bucket).WithPrefix(prefix).WithRecursive(true);
        await using var items = _client.ListObjectsEnumAsync(args, cancellation).GetAsyncEnumerator(cancellation);
        while (await Guarded(bucket, () => NextAsync(items)))
            yield return Info(bucket, items.Current);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<Item> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (S3RefusedException e) when (e.Code == "NoSuchBucket")
        {
            return false;
        }
    }

    private async Task<ObjectInfo> PutSizedAsync(ObjectKey key, Stream content, long size, long? fencing, CancellationToken cancellation)
    {
        if (fencing is { } number && await LatestAsync(key, cancellation) is var latest && latest > number)
            throw IFencedObjectStore.Refusal(key, number, latest);
        var args = new PutObjectArgs().WithBucket(key.Bucket).WithObject(key.Key)
            .WithStreamData(content).WithObjectSize(size).WithContentType("application/octet-stream");
        if (fencing is not null)
            args = args.WithHeaders(new Dictionary<string, string> { ["x-amz-meta-" + FencingName] = string.Create(CultureInfo.InvariantCulture, $"{fencing}") });
        var put = await _client.PutObjectAsync(args, cancellation);
        // The reply tells no time, and asking for it could already meet another writer's object.
        return new ObjectInfo(key, size, Unquoted(put.Etag), DateTimeOffset.UtcNow);
    }

    private async Task<long> LatestAsync(ObjectKey key, CancellationToken cancellation)
    {
        try
        {
            var stat = await _client.StatObjectAsync(new StatObjectArgs().WithBucket(key.Bucket).WithObject(key.Key), cancellation);
            var stored = stat.MetaData.FirstOrDefault(m => m.Key.Replace("X-Amz-Meta-", "", StringComparison.OrdinalIgnoreCase).Equals(FencingName, StringComparison.OrdinalIgnoreCase)).Value;
            return long.TryParse(stored, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }
        catch (S3RefusedException e) when (NotThere.Contains(e.Code))
        {
            return 0;
        }
    }

    private async Task<ObjectInfo?> Found(ObjectKey key, Func<Task<ObjectInfo>> work) => await Guarded(key.Value, async () =>
    {
        try
        {
            return await work();
        }
        catch (S3RefusedException e) when (NotThere.Contains(e.Code))
        {
            return null;
        }
    });

    private async Task<T> Guarded<T>(string name, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (IsTheStores(e))
        {
            throw S3Errors.Translate(Location, name, e);
        }
    }

    // Errors of the caller's stream are the caller's: an IOException counts only when a socket is behind it.
    private static bool IsTheStores(Exception e) => e is S3RefusedException or HttpRequestException or HttpIOException or Minio.Exceptions.MinioException
        or IOException { InnerException: System.Net.Sockets.SocketException }
        or TaskCanceledException { InnerException: TimeoutException };

    private static ObjectInfo Info(ObjectKey key, ObjectStat stat) =>
        new(key, stat.Size, Unquoted(stat.ETag), new DateTimeOffset(DateTime.SpecifyKind(stat.LastModified.ToUniversalTime(), DateTimeKind.Utc)));

    private static ObjectInfo Info(string bucket, Item item) =>
        new(ObjectKey.Of(bucket, item.Key), (long)item.Size, Unquoted(item.ETag), DateTimeOffset.Parse(item.LastModified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime());

    private static string? Unquoted(string? etag) => etag?.Trim('"');
}
