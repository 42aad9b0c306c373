using Google.Protobuf;

namespace Orchestration.Persistence.MongoDb.History;

/// <summary>
/// What the journal's binary member holds, read without an actor system: <c>PersistentMessage</c> and <c>PersistentPayload</c> of Akka's
/// <c>Persistence.proto</c> (https://github.com/akkadotnet/akka.net/blob/dev/src/protobuf/Persistence.proto).
/// </summary>
internal static class StoredMessage
{
    private const uint PayloadOfMessage = (1 << 3) | 2;
    private const uint BytesOfPayload = (2 << 3) | 2;
    private const uint ManifestOfPayload = (3 << 3) | 2;

    /// <summary>The event as its serializer wrote it, and the manifest that names its form.</summary>
    public static (ReadOnlyMemory<byte> Bytes, string Manifest) Read(byte[] message) => Member(message, PayloadOfMessage) is { } payload
        ? (Member(payload, BytesOfPayload) ?? Array.Empty<byte>(), System.Text.Encoding.UTF8.GetString(Member(payload, ManifestOfPayload) ?? []))
        : (Array.Empty<byte>(), "");

    private static byte[]? Member(byte[] message, uint wanted)
    {
        byte[]? found = null;
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (tag == wanted)
                found = input.ReadBytes().ToByteArray();
            else
                input.SkipLastField();
        }

        return found;
    }
}
