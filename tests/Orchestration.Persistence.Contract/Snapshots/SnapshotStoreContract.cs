using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;

namespace Orchestration.Persistence.Contract;

/// <summary>What Akka.Persistence asks of a snapshot store, talked to by its own messages.</summary>
public abstract class SnapshotStoreContract : PersistenceContract
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private IActorRef Store => Akka.Persistence.Persistence.Instance.Apply(System).SnapshotStoreFor(null);

    [Fact]
    public async Task An_unknown_persistence_id_has_no_snapshot()
    {
        await SaveFiveAsync();
        var probe = Probe();
        Store.Tell(new LoadSnapshot("nobody", SnapshotSelectionCriteria.Latest, 9), probe.Ref);
        var result = await probe.ExpectMsgAsync<LoadSnapshotResult>(Soon);
        Assert.Null(result.Snapshot);
        Assert.Equal(9, result.ToSequenceNr);
    }

    // Snapshot i of the five has number 10 + i and was taken i minutes after the start.
    [Theory]
    [InlineData(long.MaxValue, null, long.MaxValue, "s-5")]
    [InlineData(13, null, long.MaxValue, "s-3")]
    [InlineData(long.MaxValue, null, 13, "s-3")]
    [InlineData(10, null, long.MaxValue, null)]
    [InlineData(long.MaxValue, null, 10, null)]
    [InlineData(long.MaxValue, 2, long.MaxValue, "s-2")]
    [InlineData(13, 2, long.MaxValue, "s-2")]
    [InlineData(13, 4, long.MaxValue, "s-3")]
    [InlineData(long.MaxValue, 0, long.MaxValue, null)]
    public async Task Loads_the_latest_within_the_bounds(long maxNr, int? maxMinute, long toNr, string? expected)
    {
        await SaveFiveAsync();
        var criteria = maxMinute is { } m ? new SnapshotSelectionCriteria(maxNr, Start.AddMinutes(m)) : new SnapshotSelectionCriteria(maxNr);
        Assert.Equal(expected, (await LoadAsync(criteria, toNr))?.Snapshot as string);
    }

    [Fact]
    public async Task A_lower_bound_keeps_older_ones_out()
    {
        await SaveFiveAsync();
        Assert.Null(await LoadAsync(new SnapshotSelectionCriteria(12, DateTime.MaxValue, minSequenceNr: 16)));
        Assert.Equal("s-4", (await LoadAsync(new SnapshotSelectionCriteria(14, DateTime.MaxValue, minSequenceNr: 14)))?.Snapshot);
    }

    [Fact]
    public async Task Gives_back_number_and_time()
    {
        await SaveFiveAsync();
        var metadata = (await LoadAsync(SnapshotSelectionCriteria.Latest))!.Metadata;
        Assert.Equal(new SnapshotMetadata(Pid, 15, Start.AddMinutes(5)), metadata);
    }

    [Fact]
    public async Task Deletes_one_by_its_number()
    {
        await SaveFiveAsync();
        var probe = Tell(new DeleteSnapshot(new SnapshotMetadata(Pid, 13, DateTime.MinValue)));
        await probe.ExpectMsgAsync<DeleteSnapshotSuccess>(Soon);
        Assert.Equal("s-2", (await LoadAsync(new SnapshotSelectionCriteria(13)))?.Snapshot);
        Assert.Equal("s-5", (await LoadAsync(SnapshotSelectionCriteria.Latest))?.Snapshot);
    }

    [Fact]
    public async Task Deletes_all_within_the_bounds()
    {
        await SaveFiveAsync();
        var probe = Tell(new DeleteSnapshots(Pid, new SnapshotSelectionCriteria(13, Start.AddMinutes(3))));
        await probe.ExpectMsgAsync<DeleteSnapshotsSuccess>(Soon);
        Assert.Null(await LoadAsync(new SnapshotSelectionCriteria(13)));
        Assert.Equal("s-4", (await LoadAsync(new SnapshotSelectionCriteria(14)))?.Snapshot);
    }

    [Fact]
    public async Task Deletes_none_that_are_too_young()
    {
        await SaveFiveAsync();
        var probe = Tell(new DeleteSnapshots(Pid, new SnapshotSelectionCriteria(14, Start.AddMinutes(4).AddTicks(-1))));
        await probe.ExpectMsgAsync<DeleteSnapshotsSuccess>(Soon);
        Assert.Equal("s-4", (await LoadAsync(new SnapshotSelectionCriteria(14)))?.Snapshot);
        Assert.Null(await LoadAsync(new SnapshotSelectionCriteria(13)));
    }

    [Fact]
    public async Task Saving_a_number_again_replaces_it()
    {
        await SaveFiveAsync();
        await SaveAsync(new SnapshotMetadata(Pid, 15, Start.AddMinutes(6)), "changed");
        Assert.Equal("changed", (await LoadAsync(SnapshotSelectionCriteria.Latest))?.Snapshot);
        Assert.Equal("s-4", (await LoadAsync(new SnapshotSelectionCriteria(14)))?.Snapshot);
    }

    [Fact]
    public async Task Uses_the_payload_s_own_serializer_and_survives_a_restart()
    {
        await SaveAsync(new SnapshotMetadata(Pid, 1, Start), new Bound("x"));
        await SaveAsync(new SnapshotMetadata(Pid + "u", 1, Start), new Unbound("y", 3));
        await RestartSystemAsync();
        Assert.Equal(new Bound("x"), (await LoadAsync(SnapshotSelectionCriteria.Latest))?.Snapshot);
        Assert.Equal(new Unbound("y", 3), (await LoadAsync(SnapshotSelectionCriteria.Latest, pid: Pid + "u"))?.Snapshot);
    }

    [Fact]
    public async Task Keeps_a_snapshot_of_8_MB()
    {
        var bytes = new byte[8 * 1024 * 1024];
        new Random(2).NextBytes(bytes);
        await SaveAsync(new SnapshotMetadata(Pid, 1, Start), bytes);
        Assert.Equal(bytes, (byte[])(await LoadAsync(SnapshotSelectionCriteria.Latest))!.Snapshot);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_serialized_fails_and_leaves_the_older_ones()
    {
        await SaveFiveAsync();
        var probe = Tell(new SaveSnapshot(new SnapshotMetadata(Pid, 20, Start.AddHours(1)), new Unserializable("x")));
        Assert.IsType<NotSupportedException>((await probe.ExpectMsgAsync<SaveSnapshotFailure>(Soon)).Cause);
        Assert.Equal("s-5", (await LoadAsync(SnapshotSelectionCriteria.Latest))?.Snapshot);
    }

    private TestProbe Tell(object message)
    {
        var probe = Probe();
        Store.Tell(message, probe.Ref);
        return probe;
    }

    private async Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        var success = await Tell(new SaveSnapshot(metadata, snapshot)).ExpectMsgAsync<SaveSnapshotSuccess>(Soon);
        Assert.Equal(metadata, success.Metadata);
    }

    private async Task SaveFiveAsync()
    {
        for (var i = 1; i <= 5; i++)
            await SaveAsync(new SnapshotMetadata(Pid, 10 + i, Start.AddMinutes(i)), "s-" + i);
    }

    private async Task<SelectedSnapshot?> LoadAsync(SnapshotSelectionCriteria criteria, long to = long.MaxValue, string? pid = null)
    {
        var probe = Probe();
        Store.Tell(new LoadSnapshot(pid ?? Pid, criteria, to), probe.Ref);
        var result = await probe.ExpectMsgAsync<LoadSnapshotResult>(Soon);
        Assert.Equal(to, result.ToSequenceNr);
        return result.Snapshot;
    }
}
