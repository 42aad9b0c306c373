using System.Diagnostics;
using Minio;
using Minio.DataModel.Args;

namespace Orchestration.ObjectStore.Tests;

/// <summary>
/// The S3 server of the tests: the npm package s3rver, started once, or the real one that ORCHESTRATION_TEST_S3 names (with its credentials in
/// ORCHESTRATION_TEST_S3_ACCESS_KEY and ORCHESTRATION_TEST_S3_SECRET_KEY).
/// </summary>
public sealed class S3Server : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("s3-").FullName;
    private readonly List<string> _buckets = [];
    private Process? _process;

    public Uri Endpoint { get; private set; } = null!;

    public string AccessKey { get; private set; } = "S3RVER";

    public string SecretKey { get; private set; } = "S3RVER";

    /// <summary>Whether this is the server that the test started, and not somebody's real one.</summary>
    public bool IsOwn => _process is not null;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("ORCHESTRATION_TEST_S3") is { Length: > 0 } real)
        {
            Endpoint = new Uri(real);
            AccessKey = Variable("ORCHESTRATION_TEST_S3_ACCESS_KEY");
            SecretKey = Variable("ORCHESTRATION_TEST_S3_SECRET_KEY");
            return;
        }

        var service = Path.Combine(Root(), "tests", "services", "s3rver");
        if (!Directory.Exists(Path.Combine(service, "node_modules", "s3rver")))
            Assert.Fail("The tests' S3 server is not installed. Run: npm ci --prefix tests/services/s3rver (./test does it), or name a real server in ORCHESTRATION_TEST_S3.");
        _process = Process.Start(new ProcessStartInfo("node", [Path.Combine(service, "start.js"), "0", _folder]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("node did not start: install Node.js.");
        var line = await _process.StandardOutput.ReadLineAsync();
        Assert.StartsWith("listening ", line, StringComparison.Ordinal);
        Endpoint = new Uri($"http://127.0.0.1:{line!["listening ".Length..]}");
    }

    public async Task<string> NewBucketAsync(Core.Ports.IObjectStore store)
    {
        var bucket = $"orchestration-test-{Guid.NewGuid():N}";
        lock (_buckets)
            _buckets.Add(bucket);
        await store.MakeBucketAsync(bucket, default);
        return bucket;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        else if (Endpoint is not null)
            await RemoveBucketsAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RemoveBucketsAsync()
    {
        using var store = new MinioObjectStore(Endpoint, AccessKey, SecretKey);
        using var client = new MinioClient().WithEndpoint(Endpoint.Authority).WithSSL(Endpoint.Scheme == Uri.UriSchemeHttps).WithCredentials(AccessKey, SecretKey).Build();
        foreach (var bucket in _buckets)
        {
            await foreach (var item in store.ListAsync(bucket, "", default))
                await store.RemoveAsync(item.Key, default);
            await client.RemoveBucketAsync(new RemoveBucketArgs().WithBucket(bucket));
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"ORCHESTRATION_TEST_S3 is set, so {name} must be as well.");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Orchestration.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Orchestration.sln above {AppContext.BaseDirectory}: run the tests from where they are built.");
    }
}
