using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Orchestration.Persistence.Contract;

/// <summary>What <see cref="ContractSerializer"/> writes.</summary>
public interface IContractPayload;

/// <summary>Has a serializer of its own.</summary>
public sealed record Bound(string Text) : IContractPayload;

/// <summary>Its serializer refuses it.</summary>
public sealed record Unserializable(string Text) : IContractPayload;

/// <summary>No serializer is bound to it: Akka picks one.</summary>
public sealed record Unbound(string Text, int Number);

/// <summary>A serializer with short manifests, as an application binds one.</summary>
public sealed class ContractSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string BoundManifest = "bound.v1";

    public override int Identifier => 990_017;

    public override string Manifest(object o) => BoundManifest;

    public override byte[] ToBinary(object obj) => obj switch
    {
        Bound b => Encoding.UTF8.GetBytes(b.Text),
        _ => throw new NotSupportedException($"{obj.GetType().Name} cannot be stored."),
    };

    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest == BoundManifest
            ? new Bound(Encoding.UTF8.GetString(bytes))
            : throw new ArgumentException($"Unknown manifest '{manifest}'.", nameof(manifest));
}
