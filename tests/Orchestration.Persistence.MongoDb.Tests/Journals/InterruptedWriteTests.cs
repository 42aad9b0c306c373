using Akka.Actor;
using Akka.Persistence;
using Orchestration.Core.Ports;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Journals;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Journals;

/// <summary>Writes whose replies are lost, and writes that wait for each other.</summary>
public sealed class InterruptedWriteTests(SharedMongo mongo)
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_write_whose_reply_is_lost_has_succeeded_once(int times)
    {
        var database = mongo.Server.NewDatabase();
        await using var proxy = new WireProxy(database, "EventJournal");
        await using var stored = new StoredSystem(proxy.ConnectionString);
        await stored.Write("warm", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        proxy.CutNextInserts(times);
        await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        await stored.Write("pid", 2).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.Equal(["pid_1", "pid_2", "warm_1"], (await stored.AllAsync("EventJournal")).Select(d => d["_id"].AsString).Order());
    }

    [Fact]
    public async Task Several_events_whose_reply_is_lost_have_succeeded_once()
    {
        var database = mongo.Server.NewDatabase();
        await using var proxy = new WireProxy(database, "EventJournal");
        await using var stored = new StoredSystem(proxy.ConnectionString);
        await stored.Write("warm", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        proxy.CutNextInserts(2);
        await stored.Write("pid", 1, 2, 3).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.Equal(3, (await stored.AllAsync("EventJournal")).Count(d => d["PersistenceId"] == "pid"));
    }

    [Fact]
    public async Task A_write_whose_reply_is_lost_fails_when_the_document_is_another_s()
    {
        var database = mongo.Server.NewDatabase();
        await using var proxy = new WireProxy(database, "EventJournal");
        await using var stored = new StoredSystem(proxy.ConnectionString);
        await using var other = new StoredSystem(database);
        await other.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        proxy.CutNextInserts(1);
        var probe = stored.Write("pid", 1);
        var lost = Assert.IsType<ConcurrentWriterException>((await probe.ExpectMsgAsync<WriteMessagesFailed>(StoredSystem.Soon)).Cause);
        Assert.Equal(("pid", 1L), (lost.PersistenceId, lost.SequenceNr));
        Assert.Single(await stored.AllAsync("EventJournal"));
    }

    [Fact]
    public async Task All_that_waits_is_stored_by_one_insert()
    {
        await using var proxy = new WireProxy(mongo.Server.NewDatabase(), "EventJournal");
        await using var stored = new StoredSystem(proxy.ConnectionString);
        var documents = new JournalDocuments((ExtendedActorSystem)stored.System);
        var writer = new JournalWriter(new JournalCollections(Configurations.For(proxy.ConnectionString).GetConfig(MongoDbPersistence.JournalId)));
        Task AppendAsync(string pid) =>
            writer.AppendAsync(new AppendRequest(pid, [documents.Write(new Persistent(new Bound("x"), 1, pid, "", false, ActorRefs.NoSender, "writer"))], AppendKind.Single));

        proxy.HoldInserts();
        var first = AppendAsync("first");
        await stored.Probe().AwaitConditionAsync(() => Task.FromResult(proxy.Inserts == 1), StoredSystem.Soon);
        var others = Enumerable.Range(0, 100).Select(i => AppendAsync($"p{i}")).ToList();
        // One of them has lost against a writer that was there before; that is its own matter.
        var lost = AppendAsync("first");
        proxy.ReleaseInserts();
        await Task.WhenAll([first, .. others]);
        Assert.Equal(2, proxy.Inserts);
        Assert.Equal(101, (await stored.AllAsync("EventJournal")).Count);
        await Assert.ThrowsAsync<ConcurrentWriterException>(() => lost);
        writer.Close();
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_costs_time_and_no_event()
    {
        await using var server = await MongoServer.StartOwnAsync("--replica-set", "rs0");
        await using var stored = new StoredSystem(server.NewDatabase());
        await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        await server.KillAsync();
        var waiting = stored.Write("pid", 2);
        await server.StartAgainAsync();
        await waiting.ExpectMsgAsync<WriteMessagesSuccessful>(TimeSpan.FromSeconds(40));
        Assert.Equal(["pid_1", "pid_2"], (await stored.AllAsync("EventJournal")).Select(d => d["_id"].AsString));
    }

    [Fact]
    public async Task Without_transactions_several_events_in_one_write_are_refused_whole()
    {
        await using var server = await MongoServer.StartOwnAsync();
        await using var stored = new StoredSystem(server.NewDatabase());
        await RefusesAsync(stored, "it is no replica set");
        await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
    }

    [Fact]
    public async Task With_transactions_off_several_events_in_one_write_are_refused_whole()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase(), $"{MongoDbPersistence.JournalId}.use-write-transaction = off");
        await RefusesAsync(stored, "use-write-transaction is off");
    }

    private static async Task RefusesAsync(StoredSystem stored, string reason)
    {
        var probe = stored.Probe();
        stored.Journal.Tell(new WriteMessages(
            [new AtomicWrite([.. new[] { 1, 2 }.Select(nr => new Persistent(new Bound("x"), nr, "pid", "", false, ActorRefs.NoSender, "writer"))])], probe.Ref, 1));
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.Contains(reason, (await probe.ExpectMsgAsync<WriteMessageRejected>(StoredSystem.Soon)).Cause.Message, StringComparison.Ordinal);
        Assert.Empty(await stored.AllAsync("EventJournal"));
    }
}
