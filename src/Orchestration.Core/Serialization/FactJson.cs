using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;

namespace Orchestration.Core.Serialization;

/// <summary>
/// Commits as JSON, the journal's stored form (manifest <see cref="CommitManifest"/>). Members are only ever added; a row of a newer format is refused.
/// </summary>
public static class FactJson
{
    /// <summary>Names the stored form.</summary>
    public const string CommitManifest = "commit.v1";

    private const int Format = 1;

    /// <summary>Writes a commit.</summary>
    /// <param name="commit">The commit.</param>
    /// <returns>UTF-8 JSON: <c>{"v":1,"facts":[{"t":"…",…}]}</c>.</returns>
    public static byte[] Write(Commit commit) => JsonOutput.Write(commit, static (writer, commit) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", Format);
        writer.WriteStartArray("facts");
        foreach (var fact in commit.Facts)
            FactWriter.Write(writer, fact);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Reads a commit.</summary>
    /// <param name="utf8">What <see cref="Write"/> wrote, in this or an older version.</param>
    /// <returns>The commit.</returns>
    /// <exception cref="FormatException">A newer version wrote it, or it is damaged.</exception>
    public static Commit Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            if (root.Int("v") > Format)
                throw new FormatException($"The stored facts have format {root.Int("v")}, this version reads up to {Format}; upgrade to read them.");
            var facts = root.GetProperty("facts");
            var read = ImmutableArray.CreateBuilder<Fact>(facts.GetArrayLength());
            foreach (var fact in facts.EnumerateArray())
                read.Add(FactReader.Read(fact));
            return new Commit(read.MoveToImmutable());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"The stored facts cannot be read: {e.Message}", e);
        }
    }
}
