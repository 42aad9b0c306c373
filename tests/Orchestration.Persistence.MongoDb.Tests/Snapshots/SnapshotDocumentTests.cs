using Akka.Actor;
using Akka.Persistence;
using MongoDB.Bson;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Snapshots;

public sealed class SnapshotDocumentTests(SharedMongo mongo)
{
    private static readonly DateTime Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public async Task A_snapshot_is_a_document_of_the_public_plugin()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        await SaveAsync(stored, 5, new Bound("x"));
        var document = Assert.Single(await stored.AllAsync("SnapshotStore"));
        Assert.Equal(["_id", "PersistenceId", "SequenceNr", "Timestamp", "Snapshot", "Manifest", "SerializerId"], document.Names);
        Assert.Equal(("pid_5", "pid", 5L, Time.Ticks), (document["_id"].AsString, document["PersistenceId"].AsString, document["SequenceNr"].AsInt64, document["Timestamp"].AsInt64));
        var wrapper = stored.System.Serialization.Deserialize(document["Snapshot"].AsByteArray, document["SerializerId"].AsInt32, document["Manifest"].AsString);
        Assert.Equal(new Bound("x"), Assert.IsType<Akka.Persistence.Serialization.Snapshot>(wrapper).Data);
        Assert.Empty(await stored.AllAsync("SnapshotStoreChunks"));
    }

    [Fact]
    public async Task A_large_snapshot_goes_in_parts_and_comes_back_whole()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        var bytes = new byte[30_000_000];
        new Random(3).NextBytes(bytes);
        await SaveAsync(stored, 1, bytes);
        Assert.Equal(bytes, await LoadAsync(stored));
        Assert.False(Assert.Single(await stored.AllAsync("SnapshotStore")).Contains("Snapshot"));
        var parts = await stored.AllAsync("SnapshotStoreChunks");
        Assert.Equal(3, parts.Count);
        Assert.All(parts, p => Assert.InRange(p.ToBson().Length, 1, 12_001_000));
    }

    [Fact]
    public async Task Parts_go_with_their_snapshot()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        await SaveAsync(stored, 1, new byte[13_000_000]);
        await SaveAsync(stored, 1, new byte[14_000_000]);
        Assert.Equal(2, (await stored.AllAsync("SnapshotStoreChunks")).Count);
        Assert.Equal(14_000_000, (await LoadAsync(stored) as byte[])?.Length);

        await SaveAsync(stored, 1, "small");
        Assert.Empty(await stored.AllAsync("SnapshotStoreChunks"));
        Assert.Equal("small", await LoadAsync(stored));

        await SaveAsync(stored, 2, new byte[13_000_000]);
        var probe = stored.Probe();
        Store(stored).Tell(new DeleteSnapshots("pid", new SnapshotSelectionCriteria(2)), probe.Ref);
        await probe.ExpectMsgAsync<DeleteSnapshotsSuccess>(StoredSystem.Soon);
        Assert.Empty(await stored.AllAsync("SnapshotStoreChunks"));
        Assert.Empty(await stored.AllAsync("SnapshotStore"));
    }

    private static IActorRef Store(StoredSystem stored) => Akka.Persistence.Persistence.Instance.Apply(stored.System).SnapshotStoreFor(null);

    private static async Task SaveAsync(StoredSystem stored, long sequenceNr, object snapshot)
    {
        var probe = stored.Probe();
        Store(stored).Tell(new SaveSnapshot(new SnapshotMetadata("pid", sequenceNr, Time), snapshot), probe.Ref);
        await probe.ExpectMsgAsync<SaveSnapshotSuccess>(StoredSystem.Soon);
    }

    private static async Task<object?> LoadAsync(StoredSystem stored)
    {
        var probe = stored.Probe();
        Store(stored).Tell(new LoadSnapshot("pid", SnapshotSelectionCriteria.Latest, long.MaxValue), probe.Ref);
        return (await probe.ExpectMsgAsync<LoadSnapshotResult>(StoredSystem.Soon)).Snapshot?.Snapshot;
    }
}
