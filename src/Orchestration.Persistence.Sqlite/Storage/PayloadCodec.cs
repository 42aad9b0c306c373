using Akka.Actor;

namespace Orchestration.Persistence.Sqlite.Storage;

/// <summary>Payloads to bytes and back with the serializer that Akka has for their type, without a wrapper around them.</summary>
internal sealed class PayloadCodec(ExtendedActorSystem system)
{
    // Actor references inside a payload are written with this system's address, as remoting does.
    public StoredPayload Encode(object payload) =>
        Akka.Serialization.Serialization.WithTransport(system, (system, payload), static state =>
        {
            var serializer = state.system.Serialization.FindSerializerFor(state.payload);
            return new StoredPayload(serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, state.payload), serializer.ToBinary(state.payload));
        });

    public object Decode(StoredPayload stored) => system.Serialization.Deserialize(stored.Bytes, stored.SerializerId, stored.Manifest);
}
