using System.Text;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Tests.Contract;

/// <summary>What every object store does, whichever kind it is.</summary>
public abstract class ObjectStoreContract
{
    /// <summary>The collection of the tests that use stores: some measure the memory that the process holds.</summary>
    public const string OneAtATime = "stores";

    protected const int Megabyte = 1024 * 1024;

    /// <summary>The store under test.</summary>
    protected abstract IObjectStore Store { get; }

    /// <summary>Whether the server behind the store lists in order, as S3 does; the tests' own one lists folder by folder.</summary>
    protected virtual bool ListsInOrder => true;

    /// <summary>Makes a bucket of a name that no other test uses.</summary>
    protected abstract Task<string> NewBucketAsync();

    /// <summary>A name of no bucket.</summary>
    protected static string NoBucket => $"none-{Guid.NewGuid():N}";

    [Theory]
    [InlineData("a.txt")]
    [InlineData("chunks/part 1/Zoë & co+%41?#=@~.mp4")]
    [InlineData(".orchestration/x.json")]
    [InlineData("日本語/ключ")]
    public async Task An_object_comes_back_as_it_was_written(string key)
    {
        var name = ObjectKey.Of(await NewBucketAsync(), key);
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);
        var put = await PutAsync(name, "hello");
        Assert.Equal((name, 5L), (put.Key, put.Size));
        Assert.False(string.IsNullOrEmpty(put.ETag));
        Assert.DoesNotContain("\"", put.ETag, StringComparison.Ordinal);
        Assert.InRange(put.LastModified, before, before.AddMinutes(3));

        var (got, text) = await GetAsync(name);
        Assert.Equal("hello", text);
        Assert.Equal((name, 5L, put.ETag, TimeSpan.Zero), (got!.Key, got.Size, got.ETag, got.LastModified.Offset));
        Assert.InRange(got.LastModified, before, before.AddMinutes(3));
        Assert.Equal(got, await Store.StatAsync(name, default));
        var listed = Assert.Single(await ListAsync(name.Bucket, ""));
        Assert.Equal((name, 5L, put.ETag), (listed.Key, listed.Size, listed.ETag));
        Assert.InRange(listed.LastModified, before, before.AddMinutes(3));
    }

    [Fact]
    public async Task A_writer_whose_grant_is_over_is_refused()
    {
        var store = (IFencedObjectStore)Store;
        var key = ObjectKey.Of(await NewBucketAsync(), "log é");
        foreach (var (number, text) in new[] { (5, "a"), (7, "b"), (7, "c") })
            await store.PutAsync(key, Content(text), number, default);
        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => store.PutAsync(key, Content("x"), 6, default));
        Assert.Equal(IFencedObjectStore.Stale, refused.Code);
        Assert.Contains("the grant 7, this writer's is 6", refused.Message, StringComparison.Ordinal);
        Assert.Equal("c", (await GetAsync(key)).Text);

        // The action's view of the store has the numbers of its own grants, and uses them by itself.
        var context = new ActionContext(OrchestrationId.Parse(new string('a', 24)), ActionId.Parse(new string('b', 24)), 1);
        var late = new TrackedObjectStore(store, context with { Fencing = [new(key, 6)] });
        Assert.Equal(IFencedObjectStore.Stale, (await Assert.ThrowsAsync<ObjectStoreException>(() => late.PutAsync(key, Content("x"), default))).Code);
        Assert.True(late.Report.IsEmpty);
        await new TrackedObjectStore(store, context with { Fencing = [new(key, 8)] }).PutAsync(key, Content("d"), default);
        Assert.Equal("d", (await GetAsync(key)).Text);

        static MemoryStream Content(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task An_empty_object_is_one()
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "empty");
        Assert.Equal(0, (await PutAsync(name, "")).Size);
        var (got, text) = await GetAsync(name);
        Assert.Equal((0L, ""), (got!.Size, text));
    }

    [Fact]
    public async Task Writing_again_replaces_the_object_and_its_tag()
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "a");
        var first = await PutAsync(name, "first, and longer");
        var second = await PutAsync(name, "second");
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal("second", (await GetAsync(name)).Text);
        Assert.Single(await ListAsync(name.Bucket, ""));
    }

    [Fact]
    public async Task A_stream_is_written_from_its_position_on_and_need_not_be_seekable()
    {
        var bucket = await NewBucketAsync();
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("skip this, keep this"));
        content.Position = 11;
        Assert.Equal(9, (await Store.PutAsync(ObjectKey.Of(bucket, "a"), content, default)).Size);
        Assert.Equal("keep this", (await GetAsync(ObjectKey.Of(bucket, "a"))).Text);

        await using var generated = new GeneratedStream(300_000, seekable: false);
        Assert.Equal(300_000, (await Store.PutAsync(ObjectKey.Of(bucket, "b"), generated, default)).Size);
        await using var check = new CheckingStream();
        await Store.GetAsync(ObjectKey.Of(bucket, "b"), check, default);
        Assert.Equal(300_000, check.Checked);
    }

    [Fact]
    public async Task What_is_not_there_reads_as_null_and_leaves_the_target_alone()
    {
        var bucket = await NewBucketAsync();
        foreach (var name in new[] { ObjectKey.Of(bucket, "gone"), ObjectKey.Of(bucket, "no/such/folder"), ObjectKey.Of(NoBucket, "a") })
        {
            var (got, text) = await GetAsync(name);
            Assert.Equal((null, ""), (got, text));
            Assert.Null(await Store.StatAsync(name, default));
        }
    }

    [Fact]
    public async Task Writing_into_a_missing_bucket_is_refused()
    {
        var name = ObjectKey.Of(NoBucket, "a");
        var problem = await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync(name, "hello"));
        Assert.Equal("NoSuchBucket", problem.Code);
        Assert.Contains(Store.Location, problem.Message, StringComparison.Ordinal);
        Assert.Contains(name.Bucket, problem.Message, StringComparison.Ordinal);
        Assert.Null(await Store.StatAsync(name, default));
    }

    [Fact]
    public async Task Removing_ends_an_object_and_nothing_else()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(ObjectKey.Of(bucket, "a/b/c"), "1");
        await PutAsync(ObjectKey.Of(bucket, "a/d"), "2");
        await Store.RemoveAsync(ObjectKey.Of(bucket, "a/b/c"), default);
        await Store.RemoveAsync(ObjectKey.Of(bucket, "a/b/c"), default);
        await Store.RemoveAsync(ObjectKey.Of(bucket, "a/b"), default);
        await Store.RemoveAsync(ObjectKey.Of(bucket, "a"), default);
        await Store.RemoveAsync(ObjectKey.Of(NoBucket, "a"), default);
        Assert.Null(await Store.StatAsync(ObjectKey.Of(bucket, "a/b/c"), default));
        Assert.Equal([ObjectKey.Of(bucket, "a/d")], (await ListAsync(bucket, "")).Select(o => o.Key));
        await PutAsync(ObjectKey.Of(bucket, "a/b"), "3");
        Assert.Equal("3", (await GetAsync(ObjectKey.Of(bucket, "a/b"))).Text);
    }

    [Fact]
    public async Task Making_a_bucket_again_is_fine_and_keeps_what_is_in_it()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(ObjectKey.Of(bucket, "a"), "1");
        await Store.MakeBucketAsync(bucket, default);
        Assert.Equal("1", (await GetAsync(ObjectKey.Of(bucket, "a"))).Text);
    }

    [Fact]
    public async Task Lists_are_in_order_and_by_prefix()
    {
        var bucket = await NewBucketAsync();
        foreach (var key in new[] { "b", "a/2", "a/10", "a-1", "ab/x", "C", "a/sub/deep/1" })
            await PutAsync(ObjectKey.Of(bucket, key), key);
        async Task<string[]> Keys(string prefix)
        {
            var keys = (await ListAsync(bucket, prefix)).Select(o => o.Key.Key);
            return [.. ListsInOrder ? keys : keys.Order(StringComparer.Ordinal)];
        }
        Assert.Equal(["C", "a-1", "a/10", "a/2", "a/sub/deep/1", "ab/x", "b"], await Keys(""));
        Assert.Equal(["a/10", "a/2", "a/sub/deep/1"], await Keys("a/"));
        Assert.Equal(["a/10"], await Keys("a/1"));
        Assert.Equal(["a-1", "a/10", "a/2", "a/sub/deep/1", "ab/x"], await Keys("a"));
        Assert.Equal(["a/sub/deep/1"], await Keys("a/sub/de"));
        Assert.Empty(await Keys("zzz/y"));
        Assert.Empty(await ListAsync(NoBucket, ""));
    }

    [Fact]
    public async Task A_list_may_be_longer_than_one_answer()
    {
        var bucket = await NewBucketAsync();
        await Parallel.ForAsync(0, 1100, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await PutAsync(ObjectKey.Of(bucket, $"k{i:d4}"), "x"));
        Assert.Equal(Enumerable.Range(0, 1100).Select(i => $"k{i:d4}"), (await ListAsync(bucket, "")).Select(o => o.Key.Key));
    }

    [Fact]
    public async Task Giving_up_a_write_leaves_the_old_object()
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "a");
        await PutAsync(name, "old");
        using var cancellation = new CancellationTokenSource();
        await using var content = new GeneratedStream(20 * Megabyte) { OnRead = position => { if (position > 6 * Megabyte) cancellation.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(name, content, cancellation.Token));
        Assert.Equal("old", (await GetAsync(name)).Text);
    }

    [Fact]
    public async Task An_error_of_the_callers_stream_stays_what_it_is()
    {
        var name = ObjectKey.Of(await NewBucketAsync(), "a");
        await using var broken = new GeneratedStream(2 * Megabyte) { OnRead = _ => throw new IOException("mine") };
        Assert.Equal("mine", (await Assert.ThrowsAsync<IOException>(() => Store.PutAsync(name, broken, default))).Message);
        Assert.Null(await Store.StatAsync(name, default));

        await PutAsync(name, "hello");
        await using var full = new CheckingStream { OnWrite = _ => throw new IOException("full") };
        Assert.Equal("full", (await Assert.ThrowsAsync<IOException>(() => Store.GetAsync(name, full, default))).Message);
    }

    [Fact]
    public async Task Many_at_once_do_not_disturb_each_other()
    {
        var bucket = await NewBucketAsync();
        await Parallel.ForAsync(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
        {
            var own = ObjectKey.Of(bucket, $"dir{i % 4}/own{i}");
            await PutAsync(own, $"text {i}");
            Assert.Equal($"text {i}", (await GetAsync(own)).Text);
        });
        Assert.Equal(40, (await ListAsync(bucket, "")).Count);
    }

    [Fact]
    public async Task A_large_object_passes_through_without_being_held()
    {
        const long Size = 200L * Megabyte;
        const long Step = 40L * Megabyte;
        const long Allowed = 64L * Megabyte;
        var name = ObjectKey.Of(await NewBucketAsync(), "large");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (most, due) = (0L, Step);

        // What is held is what a full collection leaves; garbage of the parts that went before says nothing.
        void Watch(long position)
        {
            if (position < due)
                return;
            due += Step;
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        await using (var content = new GeneratedStream(Size) { OnRead = Watch })
            Assert.Equal(Size, (await Store.PutAsync(name, content, default)).Size);
        Assert.True(due > Size, "The memory was not looked at all the way.");
        due = Step;
        await using var check = new CheckingStream { OnWrite = Watch };
        Assert.Equal(Size, (await Store.GetAsync(name, check, default))!.Size);
        Assert.Equal(Size, check.Checked);
        Assert.True(due >= Size, "The memory was not looked at all the way.");
        Assert.True(most < Allowed, $"{most / Megabyte} MB were held while an object of {Size / Megabyte} MB passed through.");
        await Store.RemoveAsync(name, default);
    }

    protected async Task<ObjectInfo> PutAsync(ObjectKey name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Store.PutAsync(name, content, default);
    }

    protected async Task<(ObjectInfo? Info, string Text)> GetAsync(ObjectKey name)
    {
        using var target = new MemoryStream();
        var info = await Store.GetAsync(name, target, default);
        return (info, Encoding.UTF8.GetString(target.ToArray()));
    }

    protected async Task<IReadOnlyList<ObjectInfo>> ListAsync(string bucket, string prefix)
    {
        var found = new List<ObjectInfo>();
        await foreach (var info in Store.ListAsync(bucket, prefix, default))
            found.Add(info);
        return found;
    }
}
