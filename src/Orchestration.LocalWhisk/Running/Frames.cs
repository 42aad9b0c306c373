using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Running;

/// <summary>What is sent to an action process; the launchers read it.</summary>
internal sealed class Frames(LocalWhiskOptions options, string apiHost)
{
    private const int HeaderBytes = 4;

    public ReadOnlyMemory<byte> Init(Activation activation, string mark) => Build((writer, x) =>
    {
        var action = x.Action;
        writer.WriteString("main"u8, action.Exec.EntryPoint);
        writer.WriteBoolean("binary"u8, action.Exec.Binary);
        writer.WriteString("mark"u8, mark + "\n");
        writer.WriteStartObject("env"u8);
        foreach (var parameter in x.Resolved.Parameters.Where(p => p.Init))
            writer.WriteString(parameter.Key, parameter.AsText());
        writer.WriteString("__OW_API_HOST"u8, apiHost);
        WriteEnvironment(writer, x);
        writer.WriteEndObject();
    }, activation);

    public ReadOnlyMemory<byte> Run(Activation activation) => Build((writer, x) =>
    {
        writer.WritePropertyName("value"u8);
        writer.WriteRaw(x.Arguments);
        writer.WriteStartObject("env"u8);
        WriteEnvironment(writer, x);
        writer.WriteEndObject();
    }, activation);

    private void WriteEnvironment(Utf8JsonWriter writer, Activation activation)
    {
        var action = activation.Action;
        writer.WriteString("__OW_NAMESPACE"u8, options.Namespace);
        writer.WriteString("__OW_ACTION_NAME"u8, $"/{options.Namespace}/{action.Name}");
        writer.WriteString("__OW_ACTION_VERSION"u8, action.Version.ToString());
        writer.WriteString("__OW_ACTIVATION_ID"u8, activation.IdText);
        writer.WriteString("__OW_TRANSACTION_ID"u8, activation.TransactionId);
        var deadline = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + action.Limits.Timeout;
        writer.WriteString("__OW_DEADLINE"u8, deadline.ToString(CultureInfo.InvariantCulture));
        if (action.ProvidesApiKey)
            writer.WriteString("__OW_API_KEY"u8, options.Auth);
    }

    private static ReadOnlyMemory<byte> Build(Action<Utf8JsonWriter, Activation> write, Activation activation)
    {
        var buffer = new ArrayBufferWriter<byte>(activation.Arguments.Length + 1024);
        buffer.GetSpan(HeaderBytes)[..HeaderBytes].Clear();
        buffer.Advance(HeaderBytes);
        using (var writer = new Utf8JsonWriter(buffer, JsonBytes.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer, activation);
            writer.WriteEndObject();
        }
        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory);
        BinaryPrimitives.WriteInt32BigEndian(frame.Span, frame.Length - HeaderBytes);
        return frame;
    }
}
