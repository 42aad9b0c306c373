using System.Text.Json;
using Orchestration.LocalWhisk.Actions;

namespace Orchestration.LocalWhisk.Packages;

/// <summary>Packages as the API and the data directory show them.</summary>
internal static class PackageJson
{
    /// <summary>A package by itself.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="package">The package.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="parameters">Its parameters, with those of the package it is bound to.</param>
    /// <param name="actions">Its actions, or the bound package's; null to leave them out.</param>
    public static void WriteFull(Utf8JsonWriter writer, WhiskPackage package, string ns, IReadOnlyList<Entry> parameters, IReadOnlyList<WhiskAction>? actions)
    {
        writer.WriteStartObject();
        WriteHead(writer, package, ns);
        writer.WriteStartObject("binding"u8);
        if (package.Binding is { } bound)
            WriteBinding(writer, bound, ns);
        writer.WriteEndObject();
        writer.WritePropertyName("parameters"u8);
        ActionJson.WriteEntries(writer, parameters);
        if (actions is not null)
        {
            writer.WriteStartArray("actions"u8);
            foreach (var action in actions)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, action.Name.Name);
                writer.WriteString("version"u8, action.Version.ToString());
                writer.WritePropertyName("annotations"u8);
                ActionJson.WriteEntries(writer, action.Annotations);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("feeds"u8);
            writer.WriteEndArray();
        }
        writer.WriteNumber("updated"u8, package.Updated);
        writer.WriteEndObject();
    }

    /// <summary>The item of a list.</summary>
    public static void WriteSummary(Utf8JsonWriter writer, WhiskPackage package, string ns)
    {
        writer.WriteStartObject();
        WriteHead(writer, package, ns);
        if (package.Binding is { } bound)
        {
            writer.WriteStartObject("binding"u8);
            WriteBinding(writer, bound, ns);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteBoolean("binding"u8, false);
        }
        writer.WriteNumber("updated"u8, package.Updated);
        writer.WriteEndObject();
    }

    public static WhiskPackage ReadStored(byte[] json)
    {
        using var document = JsonDocument.Parse(json, JsonBytes.DocumentOptions);
        var root = document.RootElement;
        var body = ActionBody.Read(root);
        return new WhiskPackage
        {
            Name = root.GetProperty("name").GetString()!,
            Binding = root.GetProperty("binding").TryGetProperty("name", out var bound) ? bound.GetString() : null,
            Parameters = body.Parameters ?? [],
            Annotations = body.Annotations ?? [],
            Version = body.Version ?? throw new JsonException("A stored package lacks 'version'."),
            Publish = body.Publish ?? false,
            Updated = root.GetProperty("updated").GetInt64(),
        };
    }

    private static void WriteHead(Utf8JsonWriter writer, WhiskPackage package, string ns)
    {
        writer.WriteString("namespace"u8, ns);
        writer.WriteString("name"u8, package.Name);
        writer.WriteString("version"u8, package.Version.ToString());
        writer.WriteBoolean("publish"u8, package.Publish);
        writer.WritePropertyName("annotations"u8);
        ActionJson.WriteEntries(writer, package.Annotations);
    }

    private static void WriteBinding(Utf8JsonWriter writer, string bound, string ns)
    {
        writer.WriteString("namespace"u8, ns);
        writer.WriteString("name"u8, bound);
    }
}
