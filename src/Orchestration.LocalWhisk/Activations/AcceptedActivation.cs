using System.Text.Json;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>What is stored of an activation before it starts: enough to write a record should its end never be seen.</summary>
internal sealed record AcceptedActivation(Guid Id, string Name, string Version, string Kind, long Received)
{
    public static AcceptedActivation Of(Activation activation) =>
        new(activation.Id, activation.Action.Name, activation.Action.Version.ToString(), activation.Action.Exec.Kind, activation.Received);

    public byte[] ToJson() => JsonBytes.Build(this, static (writer, x) =>
    {
        writer.WriteStartObject();
        writer.WriteString("activationId"u8, Activation.TextOf(x.Id));
        writer.WriteString("name"u8, x.Name);
        writer.WriteString("version"u8, x.Version);
        writer.WriteString("kind"u8, x.Kind);
        writer.WriteNumber("received"u8, x.Received);
        writer.WriteEndObject();
    });

    public static AcceptedActivation Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new AcceptedActivation(
            Guid.ParseExact(root.GetProperty("activationId").GetString()!, "N"), root.GetProperty("name").GetString()!,
            root.GetProperty("version").GetString()!, root.GetProperty("kind").GetString()!, root.GetProperty("received").GetInt64());
    }
}
