using System.Text.Json;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.ObjectStore.Tests.Contract;

namespace Orchestration.ObjectStore.Tests;

[Collection(ObjectStoreContract.OneAtATime)]
public sealed class TrackedObjectStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly ActionContext Context = new(OrchestrationId.Parse("6745a1b2c3d4e5f601234567"), ActionId.Parse("6745a1b2c3d4e5f601234568"), 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("tracked-").FullName;
    private readonly FolderObjectStore _inner;
    private readonly TrackedObjectStore _store;

    public TrackedObjectStoreTests()
    {
        _inner = new FolderObjectStore(_folder);
        _store = new TrackedObjectStore(_inner, Context, new FixedClock());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Reads_writes_and_misses_are_noted_in_order()
    {
        await _store.MakeBucketAsync("b", default);
        var written = await PutAsync("b/a", "hello");
        await PutAsync("b/c", "");
        Assert.NotNull(await _store.GetAsync(ObjectKey.Parse("b/a"), Stream.Null, default));
        Assert.Null(await _store.GetAsync(ObjectKey.Parse("b/gone"), Stream.Null, default));
        Assert.Null(await _store.GetAsync(ObjectKey.Parse("none/gone"), Stream.Null, default));
        await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync("none/x", "hello"));
        Assert.NotNull(await _store.StatAsync(ObjectKey.Parse("b/a"), default));
        await _store.RemoveAsync(ObjectKey.Parse("b/a"), default);
        Assert.Equal("b/c", Assert.Single(await _store.ListAsync("b", "", default).ToListAsync()).Key.Value);

        Assert.Equal(
            new ObjectReport(
                [new ObjectAccess(ObjectKey.Parse("b/a"), 5, written.ETag, Now)],
                [new ObjectAccess(ObjectKey.Parse("b/a"), 5, written.ETag, Now), new ObjectAccess(ObjectKey.Parse("b/c"), 0, _store.Report.Writes[1].ETag, Now)],
                [new ObjectAccess(ObjectKey.Parse("b/gone"), 0, null, Now), new ObjectAccess(ObjectKey.Parse("none/gone"), 0, null, Now)]),
            _store.Report);
        Assert.Equal(_inner.Location, _store.Location);
        Assert.Equal(
            $$$"""{"v":1,"actionId":"6745a1b2c3d4e5f601234568","attempt":2,"reads":[{"object":"b/a","size":5,"etag":"{{{written.ETag}}}","time":"2026-01-02T03:04:05.678Z"}],"writes":[{"object":"b/a","size":5,"etag":"{{{written.ETag}}}","time":"2026-01-02T03:04:05.678Z"},{"object":"b/c","size":0,"etag":"{{{_store.Report.Writes[1].ETag}}}","time":"2026-01-02T03:04:05.678Z"}],"missing":[{"object":"b/gone","time":"2026-01-02T03:04:05.678Z"},{"object":"none/gone","time":"2026-01-02T03:04:05.678Z"}]}""",
            (await _store.ToReservedMemberAsync(default)).ToString());
    }

    [Fact]
    public async Task Nothing_done_is_an_empty_report()
    {
        Assert.True(_store.Report.IsEmpty);
        Assert.Equal("""{"v":1,"actionId":"6745a1b2c3d4e5f601234568","attempt":2,"reads":[],"writes":[],"missing":[]}""", (await _store.ToReservedMemberAsync(default)).ToString());
    }

    [Fact]
    public async Task A_report_too_large_for_the_reply_is_stored_as_an_object()
    {
        await _store.MakeBucketAsync("b", default);
        await PutAsync("b/a", "hello");
        var longName = new string('x', 250);
        for (var i = 0; i < 1000; i++)
            await _store.GetAsync(ObjectKey.Of("none", $"{longName}/{i}"), Stream.Null, default);

        var member = await _store.ToReservedMemberAsync(default);
        Assert.Equal("""{"v":1,"actionId":"6745a1b2c3d4e5f601234568","attempt":2,"report":"b/.orchestration/6745a1b2c3d4e5f601234568-2.json"}""", member.ToString());
        using var stored = new MemoryStream();
        Assert.NotNull(await _inner.GetAsync(ObjectKey.Parse("b/.orchestration/6745a1b2c3d4e5f601234568-2.json"), stored, default));
        using var report = JsonDocument.Parse(stored.ToArray());
        Assert.Equal(1000, report.RootElement.GetProperty("missing").GetArrayLength());
        Assert.Single(_store.Report.Writes);
    }

    [Fact]
    public async Task Accesses_at_the_same_time_are_all_noted()
    {
        await Parallel.ForAsync(0, 500, async (i, _) => await _store.GetAsync(ObjectKey.Of("none", $"{i}"), Stream.Null, default));
        Assert.Equal(500, _store.Report.Missing.Select(m => m.Object).Distinct().Count());
    }

    private async Task<ObjectInfo> PutAsync(string name, string text)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        return await _store.PutAsync(ObjectKey.Parse(name), content, default);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
