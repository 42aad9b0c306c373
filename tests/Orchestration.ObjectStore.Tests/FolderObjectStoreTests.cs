using System.Diagnostics;
using System.Globalization;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.ObjectStore.Tests.Contract;

namespace Orchestration.ObjectStore.Tests;

[Collection(ObjectStoreContract.OneAtATime)]
public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("objects-").FullName;
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new FolderObjectStore(_folder);

    protected override IObjectStore Store => _store;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override async Task<string> NewBucketAsync()
    {
        await Store.MakeBucketAsync("bucket", default);
        return "bucket";
    }

    [Fact]
    public async Task An_object_is_the_file_of_its_name()
    {
        await NewBucketAsync();
        await PutAsync(ObjectKey.Parse("bucket/chunks/1.mp4"), "hello");
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(_folder, "bucket", "chunks", "1.mp4")));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, ".tmp")));
        await File.WriteAllTextAsync(Path.Combine(_folder, "bucket", "by hand"), "hi");
        Assert.Equal("hi", (await GetAsync(ObjectKey.Parse("bucket/by hand"))).Text);
        await Store.RemoveAsync(ObjectKey.Parse("bucket/chunks/1.mp4"), default);
        Assert.False(Directory.Exists(Path.Combine(_folder, "bucket", "chunks")));
        Assert.Equal("file:" + _folder, Store.Location);
    }

    [Fact]
    public async Task Python_gives_a_file_the_same_tag()
    {
        await NewBucketAsync();
        var info = await PutAsync(ObjectKey.Parse("bucket/a"), "hello");
        var path = Path.Combine(_folder, "bucket", "a");
        Assert.Equal(await PythonTagAsync(path), info.ETag);

        // A time that no clock step of .NET hits.
        await RunAsync("touch", "-d", "2026-01-02 03:04:05.123456789Z", path);
        var stat = await Store.StatAsync(ObjectKey.Parse("bucket/a"), default);
        Assert.Equal(await PythonTagAsync(path), stat!.ETag);
        Assert.Equal(5.ToString("x", CultureInfo.InvariantCulture) + "-" + 1767323045123456700L.ToString("x", CultureInfo.InvariantCulture), stat.ETag);
    }

    [Theory]
    [InlineData("../outside/a", "InvalidBucketName")]
    [InlineData("./a", "InvalidBucketName")]
    [InlineData(".tmp/a", "InvalidBucketName")]
    [InlineData("a\\b/c", "InvalidBucketName")]
    [InlineData("bucket/../a", "InvalidObjectName")]
    [InlineData("bucket/a/../../../etc/passwd", "InvalidObjectName")]
    [InlineData("bucket/./a", "InvalidObjectName")]
    [InlineData("bucket//a", "InvalidObjectName")]
    [InlineData("bucket/a/", "InvalidObjectName")]
    [InlineData("bucket/a\\..\\b", "InvalidObjectName")]
    [InlineData("bucket/a\0b", "InvalidObjectName")]
    public async Task Names_that_leave_the_folder_are_refused(string name, string code)
    {
        await NewBucketAsync();
        var key = ObjectKey.Parse(name);
        Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(key, "x"))).Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => GetAsync(key))).Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => Store.StatAsync(key, default))).Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => Store.RemoveAsync(key, default))).Code);
        if (code == "InvalidBucketName")
        {
            Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => Store.MakeBucketAsync(key.Bucket, default))).Code);
            Assert.Equal(code, (await Assert.ThrowsAsync<ObjectStoreException>(() => ListAsync(key.Bucket, ""))).Code);
        }
        else
            Assert.Empty(await ListAsync("bucket", "../"));
        Assert.Equal(["bucket"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_name_cannot_be_an_object_and_have_others_below_it()
    {
        await NewBucketAsync();
        await PutAsync(ObjectKey.Parse("bucket/a"), "1");
        await PutAsync(ObjectKey.Parse("bucket/b/c"), "2");
        foreach (var name in new[] { "bucket/a/x", "bucket/a/x/y", "bucket/b" })
        {
            var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(ObjectKey.Parse(name), "3"));
            Assert.Equal("InvalidRequest", problem.Code);
            Assert.Contains($"'{name}'", problem.Message, StringComparison.Ordinal);
            Assert.Null((await GetAsync(ObjectKey.Parse(name))).Info);
            Assert.Null(await Store.StatAsync(ObjectKey.Parse(name), default));
            await Store.RemoveAsync(ObjectKey.Parse(name), default);
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, ".tmp")));
        Assert.Equal(2, (await ListAsync("bucket", "")).Count);
    }

    [Fact]
    public async Task Writers_of_one_object_leave_one_of_them_whole()
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "shared/one");
        await PutAsync(name, new string('a', 1000));
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
        {
            await PutAsync(name, new string((char)('a' + i % 26), 1000));
            var text = (await GetAsync(name)).Text;
            Assert.Equal(1000, text.Length);
            Assert.Single(text.Distinct());
        });
    }

    [Fact]
    public async Task Removing_and_writing_in_one_subfolder_at_once_is_fine()
    {
        await NewBucketAsync();
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
        {
            var name = ObjectKey.Of("bucket", $"sub/folder/{i % 10}");
            await PutAsync(name, "x");
            await Store.RemoveAsync(name, default);
        });
        Assert.Empty(await ListAsync("bucket", ""));
    }

    [Fact]
    public async Task A_name_too_long_for_a_file_is_told()
    {
        await NewBucketAsync();
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(ObjectKey.Of("bucket", new string('x', 300)), "1"));
        Assert.Equal("KeyTooLongError", problem.Code);
    }

    [Fact]
    public async Task A_full_disk_is_told()
    {
        // Linux has a device that is always full; another system's full disk gives the same errors, which the translation's test covers.
        var full = new IOException("No space left on device", 28);
        Assert.Equal("StorageFull", Folder.FolderErrors.Translate(Store.Location, "bucket/a", null, full).Code);
        Assert.Equal("StorageFull", Folder.FolderErrors.Translate(Store.Location, "bucket/a", null, new IOException("disk full", unchecked((int)0x80070070))).Code);
        Assert.Equal("AccessDenied", Folder.FolderErrors.Translate(Store.Location, "bucket/a", null, new IOException("read-only", 30)).Code);
        Assert.Equal("AccessDenied", Folder.FolderErrors.Translate(Store.Location, "bucket/a", null, new UnauthorizedAccessException("no")).Code);
        Assert.Equal("InternalError", Folder.FolderErrors.Translate(Store.Location, "bucket/a", null, new IOException("odd")).Code);

        await NewBucketAsync();
        await PutAsync(ObjectKey.Parse("bucket/a"), "hello");
        await using var device = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        // The caller's own target is full, not the store.
        await Assert.ThrowsAsync<IOException>(() => Store.GetAsync(ObjectKey.Parse("bucket/a"), device, default));
    }

    [Fact]
    public async Task A_folder_that_is_a_file_is_told()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var store = new FolderObjectStore(file);
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => store.MakeBucketAsync("bucket", default));
        Assert.Contains("file:" + file, problem.Message, StringComparison.Ordinal);
        Assert.Null(await store.StatAsync(ObjectKey.Parse("bucket/a"), default));
    }

    [Fact]
    public async Task A_large_object_needs_next_to_no_memory()
    {
        await NewBucketAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await using var content = new GeneratedStream(100 * Megabyte);
        await Store.PutAsync(ObjectKey.Parse("bucket/large"), content, default);
        await Store.GetAsync(ObjectKey.Parse("bucket/large"), Stream.Null, default);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 30 * Megabyte);
    }

    private static async Task<string> PythonTagAsync(string path) =>
        (await RunAsync("python3", "-c", "import os, sys; s = os.stat(sys.argv[1]); print('%x-%x' % (s.st_size, s.st_mtime_ns // 100 * 100))", path)).Trim();

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
