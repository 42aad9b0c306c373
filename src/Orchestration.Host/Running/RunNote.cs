using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;

namespace Orchestration.Host.Running;

/// <summary>What the host keeps with a run so that it can be resumed without its options: the start's client data. Never holds a secret.</summary>
internal sealed record RunNote
{
    private const int Version = 1;

    /// <summary>The workflow file's absolute path; null when the run has none.</summary>
    public string? WorkflowFile { get; init; }

    /// <summary>What to download when it is complete.</summary>
    public ImmutableArray<Transfer> Gets { get; init; } = [];

    /// <summary>Whether any TLS certificate of OpenWhisk was accepted.</summary>
    public bool Insecure { get; init; }

    /// <summary>How many ActionActors it may have; null for the default.</summary>
    public int? PoolSize { get; init; }

    /// <summary>How many activations may be in flight; null for the namespace's limit.</summary>
    public int? MaxInFlight { get; init; }

    /// <summary>How long an invoke waits for its result; null for the default.</summary>
    public TimeSpan? BlockingWait { get; init; }

    /// <summary>The absolute path of the file that values of secrets were read from; null when there was none.</summary>
    public string? SecretsFile { get; init; }

    /// <summary>What a demo checks at its end; null for other runs.</summary>
    public DemoNote? Demo { get; init; }

    public JsonBytes ToJson() => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", Version);
        writer.WriteString("workflow", WorkflowFile);
        writer.WriteStartArray("gets");
        foreach (var get in Gets)
        {
            writer.WriteStartObject();
            writer.WriteString("object", get.Object?.Value);
            writer.WriteString("file", get.File);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteBoolean("insecure", Insecure);
        if (PoolSize is { } pool)
            writer.WriteNumber("poolSize", pool);
        if (MaxInFlight is { } flight)
            writer.WriteNumber("maxInFlight", flight);
        if (BlockingWait is { } wait)
            writer.WriteNumber("blockingWaitMs", (int)wait.TotalMilliseconds);
        if (SecretsFile is { } secrets)
            writer.WriteString("secretsFile", secrets);
        if (Demo is { } demo)
        {
            writer.WriteStartObject("demo");
            writer.WriteString("input", demo.Input);
            writer.WriteString("resolution", demo.Resolution);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote; a run that another client started gives an empty note.</summary>
    public static RunNote Read(JsonBytes data)
    {
        if (data.Kind != JsonValueKind.Object)
            return new RunNote();
        using var document = data.ToDocument();
        var root = document.RootElement;
        if (!root.TryGetProperty("v", out var version) || version.ValueKind != JsonValueKind.Number || version.GetInt32() != Version)
            return new RunNote();
        return new RunNote
        {
            WorkflowFile = Text(root, "workflow"),
            Gets = root.TryGetProperty("gets", out var gets)
                ? [.. gets.EnumerateArray().Select(get => new Transfer(Text(get, "object") is { } key ? ObjectKey.Parse(key) : null, Text(get, "file")!))]
                : [],
            Insecure = root.TryGetProperty("insecure", out var insecure) && insecure.GetBoolean(),
            PoolSize = Number(root, "poolSize"),
            MaxInFlight = Number(root, "maxInFlight"),
            BlockingWait = Number(root, "blockingWaitMs") is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
            SecretsFile = Text(root, "secretsFile"),
            Demo = root.TryGetProperty("demo", out var demo) ? new DemoNote(Text(demo, "input")!, Text(demo, "resolution")!) : null,
        };
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}

/// <summary>What the transcoded film of a demo is measured by.</summary>
/// <param name="Input">The film it was made from.</param>
/// <param name="Resolution">Such as <c>360p</c>.</param>
internal sealed record DemoNote(string Input, string Resolution);
