using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using MongoDB.Bson;

namespace Orchestration.Persistence.MongoDb.Journals;

/// <summary>Events as documents of the public plugin: the whole representation, by Akka's serializer for it, is one binary member.</summary>
internal sealed class JournalDocuments(ExtendedActorSystem system)
{
    // MongoDB takes 16 MiB for a document; what is around the payload needs little.
    private const int MaxPayload = (16 * 1024 * 1024) - (64 * 1024);

    /// <exception cref="NotSupportedException">The event is too large for a document, or cannot be serialized.</exception>
    public BsonDocument Write(IPersistentRepresentation representation)
    {
        var (payload, tags) = representation.Payload is Tagged tagged ? (tagged.Payload, tagged.Tags) : (representation.Payload, null);
        var stored = representation.WithPayload(payload);
        if (stored.Timestamp == 0)
            stored = stored.WithTimestamp(DateTime.UtcNow.Ticks);
        // Actor references inside are written with this system's address, as remoting does.
        var bytes = Akka.Serialization.Serialization.WithTransport(system, (system, stored), static state =>
            state.system.Serialization.FindSerializerForType(typeof(Persistent)).ToBinary(state.stored));
        if (bytes.Length > MaxPayload)
        {
            throw new NotSupportedException(
                $"Event {stored.SequenceNr} of '{stored.PersistenceId}' has {bytes.Length:N0} bytes, and a document of MongoDB holds 16 MB. Store it in parts, or elsewhere.");
        }

        return new BsonDocument
        {
            { StoredFields.Id, IdOf(stored.PersistenceId, stored.SequenceNr) },
            { StoredFields.PersistenceId, stored.PersistenceId },
            { StoredFields.SequenceNr, new BsonInt64(stored.SequenceNr) },
            { "IsDeleted", stored.IsDeleted },
            { StoredFields.Payload, new BsonBinaryData(bytes) },
            { "Manifest", "" },
            // Filled by the server.
            { StoredFields.Ordering, new BsonTimestamp(0) },
            { StoredFields.Tags, TagsOf(tags) },
            { "SerializerId", BsonNull.Value },
        };
    }

    public IPersistentRepresentation Read(BsonDocument document) =>
        system.Serialization.FindSerializerForType(typeof(Persistent)).FromBinary<Persistent>(document[StoredFields.Payload].AsByteArray);

    public static string IdOf(string persistenceId, long sequenceNr) => $"{persistenceId}_{sequenceNr}";

    private static BsonValue TagsOf(IImmutableSet<string>? tags) => tags is null ? BsonNull.Value : new BsonArray(tags);
}
