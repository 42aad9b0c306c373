using System.Text.Json;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Activations;

/// <summary>What is stored of an activation before it starts: enough to write a record should its end never be seen.</summary>
internal sealed record AcceptedActivation(Guid Id, ActionName Name, string Version, string Kind, long Received, Guid? Cause)
{
    public static AcceptedActivation Of(Activation activation) =>
        new(
            activation.Id, activation.Action.Name, activation.Action.Version.ToString(), activation.IsComposition ? ActionExec.Sequence : activation.Action.Exec.Kind, activation.Received, activation.Cause?.Id);

    public byte[] ToJson() => JsonBytes.Build(this, static (writer, x) =>
    {
        writer.WriteStartObject();
        writer.WriteString("activationId"u8, Activation.TextOf(x.Id));
        writer.WriteString("name"u8, x.Name.ToString());
        writer.WriteString("version"u8, x.Version);
        writer.WriteString("kind"u8, x.Kind);
        writer.WriteNumber("received"u8, x.Received);
        if (x.Cause is { } cause)
            writer.WriteString("cause"u8, Activation.TextOf(cause));
        writer.WriteEndObject();
    });

    public static AcceptedActivation Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new AcceptedActivation(
            Guid.ParseExact(root.GetProperty("activationId").GetString()!, "N"), ActionName.Parse(root.GetProperty("name").GetString()!),
            root.GetProperty("version").GetString()!, root.GetProperty("kind").GetString()!, root.GetProperty("received").GetInt64(),
            root.TryGetProperty("cause", out var cause) ? Guid.ParseExact(cause.GetString()!, "N") : null);
    }
}
