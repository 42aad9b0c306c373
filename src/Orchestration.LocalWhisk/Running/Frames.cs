using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Orchestration.LocalWhisk.Actions;
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

    /// <summary>The body of a runtime's <c>/init</c> (source: openwhisk's docs/actions-new.md).</summary>
    public byte[] RemoteInit(Activation activation) => JsonBytes.Build(writer =>
    {
        var action = activation.Action;
        writer.WriteStartObject();
        writer.WriteStartObject("value"u8);
        writer.WriteString("name"u8, action.Name.Name);
        writer.WriteString("main"u8, action.Exec.EntryPoint);
        writer.WriteString("code"u8, action.Exec.Code);
        writer.WriteBoolean("binary"u8, action.Exec.Binary);
        writer.WriteStartObject("env"u8);
        foreach (var parameter in activation.Resolved.Parameters.Where(p => p.Init))
            writer.WriteString(parameter.Key, parameter.AsText());
        writer.WriteString("__OW_API_HOST"u8, apiHost);
        WriteEnvironment(writer, activation);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>The body of a runtime's <c>/run</c>. All but the arguments are strings: a runtime puts them into its environment as they are.</summary>
    public byte[] RemoteRun(Activation activation) => JsonBytes.Build(writer =>
    {
        var action = activation.Action;
        writer.WriteStartObject();
        writer.WritePropertyName("value"u8);
        writer.WriteRaw(activation.Arguments);
        writer.WriteString("namespace"u8, options.Namespace);
        writer.WriteString("action_name"u8, $"/{options.Namespace}/{action.Name}");
        writer.WriteString("action_version"u8, action.Version.ToString());
        writer.WriteString("activation_id"u8, activation.IdText);
        writer.WriteString("transaction_id"u8, activation.TransactionId);
        writer.WriteString("deadline"u8, DeadlineOf(action));
        if (action.ProvidesApiKey)
            writer.WriteString("api_key"u8, options.Auth);
        writer.WriteEndObject();
    });

    private static string DeadlineOf(WhiskAction action) => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + action.Limits.Timeout).ToString(CultureInfo.InvariantCulture);

    private void WriteEnvironment(Utf8JsonWriter writer, Activation activation)
    {
        var action = activation.Action;
        writer.WriteString("__OW_NAMESPACE"u8, options.Namespace);
        writer.WriteString("__OW_ACTION_NAME"u8, $"/{options.Namespace}/{action.Name}");
        writer.WriteString("__OW_ACTION_VERSION"u8, action.Version.ToString());
        writer.WriteString("__OW_ACTIVATION_ID"u8, activation.IdText);
        writer.WriteString("__OW_TRANSACTION_ID"u8, activation.TransactionId);
        writer.WriteString("__OW_DEADLINE"u8, DeadlineOf(action));
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
