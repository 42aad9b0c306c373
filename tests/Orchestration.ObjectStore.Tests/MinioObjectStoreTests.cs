using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.ObjectStore.Tests.Contract;

namespace Orchestration.ObjectStore.Tests;

[Collection(ObjectStoreContract.OneAtATime)]
public sealed class MinioObjectStoreTests(S3Server server) : ObjectStoreContract, IClassFixture<S3Server>, IDisposable
{
    private readonly MinioObjectStore _store = new(server.Endpoint, server.AccessKey, server.SecretKey);

    protected override IObjectStore Store => _store;

    protected override bool ListsInOrder => !server.IsOwn;

    public void Dispose() => _store.Dispose();

    protected override Task<string> NewBucketAsync() => server.NewBucketAsync(Store);

    [Theory]
    [InlineData(5 * Megabyte - 1)]
    [InlineData(5 * Megabyte)]
    [InlineData(12 * Megabyte + 7)]
    public async Task An_object_of_several_parts_comes_back_whole(int size)
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "parts");
        await using var content = new GeneratedStream(size);
        var put = await Store.PutAsync(name, content, default);
        await using var check = new CheckingStream();
        var got = await Store.GetAsync(name, check, default);
        Assert.Equal(((long)size, (long)size, put.ETag), (check.Checked, got!.Size, got.ETag));
    }

    [Fact]
    public async Task Wrong_credentials_are_told_and_not_repeated()
    {
        var bucket = await NewBucketAsync();
        using var store = new MinioObjectStore(server.Endpoint, "A-WRONG-KEY", "a-wrong-secret");
        using var content = new MemoryStream("x"u8.ToArray());
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => store.PutAsync(ObjectKey.Of(bucket, "a"), content, default));
        Assert.Equal("InvalidAccessKeyId", problem.Code);
        Assert.Contains("--secret-key", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"{bucket}/a", problem.Message, StringComparison.Ordinal);
        Assert.Contains(store.Location, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-wrong-secret", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<ObjectStoreException>(() => store.StatAsync(ObjectKey.Of(bucket, "a"), default))).Code);
    }

    [Fact]
    public async Task Names_that_S3_does_not_allow_are_told()
    {
        Assert.Equal("InvalidBucketName", (await Assert.ThrowsAsync<ObjectStoreException>(() => Store.MakeBucketAsync("Under_Score", default))).Code);
        Assert.Equal("InvalidBucketName", (await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(ObjectKey.Of("x", "a"), "1"))).Code);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var nobody = new MinioObjectStore(new Uri($"http://127.0.0.1:{port}"), "key", "a-secret");
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => nobody.StatAsync(ObjectKey.Parse("bucket/a"), default));
        Assert.Equal("EndpointUnreachable", problem.Code);
        Assert.Contains($"http://127.0.0.1:{port} cannot be reached", problem.Message, StringComparison.Ordinal);
        Assert.Contains("bucket/a", problem.Message, StringComparison.Ordinal);

        using var unknown = new MinioObjectStore(new Uri("http://no-such-host.invalid:9000"), "key", "a-secret");
        Assert.Contains("is not known", (await Assert.ThrowsAsync<ObjectStoreException>(() => unknown.MakeBucketAsync("bucket", default))).Message, StringComparison.Ordinal);
        using var noTls = new MinioObjectStore(new UriBuilder(server.Endpoint) { Scheme = "https" }.Uri, "key", "a-secret");
        if (server.IsOwn)
            Assert.Contains("TLS", (await Assert.ThrowsAsync<ObjectStoreException>(() => noTls.MakeBucketAsync("bucket", default))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "<Error><Code>AccessDenied</Code><Message>Not for you.</Message></Error>", "AccessDenied", "--access-key")]
    [InlineData(403, "<Error xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Code>InvalidAccessKeyId</Code></Error>", "InvalidAccessKeyId", "--access-key")]
    [InlineData(503, "<Error><Code>SlowDown</Code></Error>", "SlowDown", "Try again")]
    [InlineData(507, "<Error><Code>XMinioStorageFull</Code></Error>", "XMinioStorageFull", "Free space")]
    [InlineData(301, "<html>", "PermanentRedirect", "region")]
    [InlineData(502, "<html>bad gateway", "Http502", "Http502")]
    [InlineData(404, "", "Http404", "Http404")]
    public async Task A_refusal_keeps_its_code(int status, string body, string code, string expected)
    {
        await using var refusing = new RefusingServer(status, body);
        using var store = new MinioObjectStore(refusing.Url, "key", "a-secret");
        using var content = new MemoryStream("x"u8.ToArray());
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => store.PutAsync(ObjectKey.Parse("bucket/a"), content, default));
        Assert.Equal(code, problem.Code);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Contains("'bucket/a'", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", problem.ToString(), StringComparison.Ordinal);
    }

    private sealed class RefusingServer : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;

        public RefusingServer(int status, string body)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
            }
            _listener.Prefixes.Add(Url + "");
            _listener.Start();
            _serving = ServeAsync(status, Encoding.UTF8.GetBytes(body));
        }

        public Uri Url { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _serving;
        }

        private async Task ServeAsync(int status, byte[] body)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    await context.Request.InputStream.CopyToAsync(Stream.Null);
                    context.Response.StatusCode = status;
                    await context.Response.OutputStream.WriteAsync(body);
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
