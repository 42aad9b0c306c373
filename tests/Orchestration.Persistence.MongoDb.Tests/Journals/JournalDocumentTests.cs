using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using MongoDB.Bson;
using Orchestration.Persistence.Contract;
using Orchestration.Persistence.MongoDb.Tests.Support;
using Orchestration.Tests.Services;

namespace Orchestration.Persistence.MongoDb.Tests.Journals;

/// <summary>What stands in MongoDB is what the public plugin writes and reads.</summary>
public sealed class JournalDocumentTests(SharedMongo mongo)
{
    [Fact]
    public async Task An_event_is_a_document_of_the_public_plugin()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        var probe = stored.Probe();
        var tagged = new Persistent(new Tagged(new Bound("x"), ["blue", "red"]), 7, "pid", "", false, ActorRefs.NoSender, "writer");
        stored.Journal.Tell(new WriteMessages([new AtomicWrite(tagged)], probe.Ref, 1));
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);

        var document = Assert.Single(await stored.AllAsync("EventJournal"));
        Assert.Equal(["_id", "PersistenceId", "SequenceNr", "IsDeleted", "Payload", "Manifest", "Ordering", "Tags", "SerializerId"], document.Names);
        Assert.Equal("pid_7", document["_id"].AsString);
        Assert.Equal("pid", document["PersistenceId"].AsString);
        Assert.Equal(7, document["SequenceNr"].AsInt64);
        Assert.False(document["IsDeleted"].AsBoolean);
        Assert.Equal("", document["Manifest"].AsString);
        Assert.True(document["Ordering"].AsBsonTimestamp.Timestamp > 0, "The server fills the timestamp.");
        Assert.Equal(["blue", "red"], document["Tags"].AsBsonArray.Select(t => t.AsString).Order());
        Assert.True(document["SerializerId"].IsBsonNull);
        var whole = stored.System.Serialization.FindSerializerForType(typeof(Persistent)).FromBinary<Persistent>(document["Payload"].AsByteArray);
        Assert.Equal((new Bound("x"), 7L, "pid", "writer"), (whole.Payload, whole.SequenceNr, whole.PersistenceId, whole.WriterGuid));
    }

    [Fact]
    public async Task An_event_without_tags_has_null_there()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.True(Assert.Single(await stored.AllAsync("EventJournal"))["Tags"].IsBsonNull);
    }

    [Fact]
    public async Task Deleting_leaves_the_highest_number_in_the_metadata()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        await stored.Write("pid", 1, 2, 3).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        var probe = stored.Probe();
        stored.Journal.Tell(new DeleteMessagesTo("pid", 2, probe.Ref));
        await probe.ExpectMsgAsync<DeleteMessagesSuccess>(StoredSystem.Soon);

        var metadata = Assert.Single(await stored.AllAsync("Metadata"));
        Assert.Equal(["_id", "PersistenceId", "SequenceNr"], metadata.Names);
        Assert.Equal("pid", metadata["PersistenceId"].AsString);
        Assert.Equal(3, metadata["SequenceNr"].AsInt64);
        Assert.Equal("pid_3", Assert.Single(await stored.AllAsync("EventJournal"))["_id"].AsString);
    }

    [Fact]
    public async Task The_indexes_are_made_on_first_use_unless_that_is_off()
    {
        await using (var stored = new StoredSystem(mongo.Server.NewDatabase()))
        {
            await stored.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
            Assert.Equal(
                [new BsonDocument("_id", 1), new BsonDocument { { "PersistenceId", 1 }, { "SequenceNr", -1 } }, new BsonDocument("Ordering", 1), new BsonDocument { { "Tags", 1 }, { "Ordering", 1 } }],
                await IndexesAsync(stored, "EventJournal"));
            Assert.Equal([new BsonDocument("_id", 1), new BsonDocument("PersistenceId", 1)], await IndexesAsync(stored, "Metadata"));
        }

        await using var without = new StoredSystem(mongo.Server.NewDatabase(), $"{MongoDbPersistence.JournalId}.auto-initialize = off");
        await without.Write("pid", 1).ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.Equal([new BsonDocument("_id", 1)], await IndexesAsync(without, "EventJournal"));
    }

    [Fact]
    public async Task An_event_over_16_MB_is_rejected_alone()
    {
        await using var stored = new StoredSystem(mongo.Server.NewDatabase());
        var probe = stored.Probe();
        var large = new Persistent(new byte[16 * 1024 * 1024], 1, "large", "", false, ActorRefs.NoSender, "writer");
        stored.Journal.Tell(new WriteMessages([new AtomicWrite(large)], probe.Ref, 1));
        var beside = stored.Write("beside", 1);
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
        Assert.Contains("a document of MongoDB holds 16 MB", (await probe.ExpectMsgAsync<WriteMessageRejected>(StoredSystem.Soon)).Cause.Message, StringComparison.Ordinal);
        await beside.ExpectMsgAsync<WriteMessagesSuccessful>(StoredSystem.Soon);
    }

    private static async Task<List<BsonDocument>> IndexesAsync(StoredSystem stored, string collection)
    {
        using var cursor = await stored.Database.GetCollection<BsonDocument>(collection).Indexes.ListAsync();
        var indexes = new List<BsonDocument>();
        while (await cursor.MoveNextAsync())
            indexes.AddRange(cursor.Current.Select(i => i["key"].AsBsonDocument));
        return indexes;
    }
}
