using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Recovery;
using Orchestration.Core.Serialization;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;

namespace Orchestration.Actors.Serialization;

/// <summary>Marks the few types besides Core's that are stored, so that all of them get <see cref="OrchestrationSerializer"/>.</summary>
internal interface IStored;

/// <summary>One piece of a checkpoint, a journal row of its own that holds no facts.</summary>
/// <param name="Index">Its place, from 0 up.</param>
/// <param name="Json">UTF-8 JSON (<see cref="StateJson"/>).</param>
internal sealed record CheckpointPiece(int Index, byte[] Json) : IStored;

/// <summary>The snapshot of an orchestration: says that the rows behind its sequence number begin with the pieces of its state.</summary>
/// <param name="Pieces">How many.</param>
/// <param name="Bytes">How large all pieces are together.</param>
internal sealed record CheckpointHead(int Pieces, long Bytes) : IStored;

/// <summary>The snapshot of the ledger of re-runs.</summary>
/// <param name="Change">The change that makes it from nothing.</param>
internal sealed record RerunTurns(RerunChange Change) : IStored;

/// <summary>Writes everything that this project stores as JSON with short manifests. Additive only; what a newer version wrote is refused with a message.</summary>
/// <param name="system">The actor system.</param>
public sealed class OrchestrationSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Piece = "piece.v1";
    private const string Head = "checkpoint.v1";
    private const string Index = "index.v1";
    private const string IndexSnapshot = "indexstate.v1";
    private const string Rerun = "rerun.v1";
    private const string RerunSnapshot = "rerunturns.v1";

    /// <inheritdoc />
    public override int Identifier => 7411;

    /// <inheritdoc />
    public override string Manifest(object o) => o switch
    {
        Commit => FactJson.CommitManifest,
        WriteCommit => WriteJson.CommitManifest,
        WriteQueueState => WriteJson.StateManifest,
        CheckpointPiece => Piece,
        CheckpointHead => Head,
        IndexChange => Index,
        IndexState => IndexSnapshot,
        RerunChange => Rerun,
        RerunTurns => RerunSnapshot,
        _ => throw new ArgumentException($"{o?.GetType()} is not stored by this serializer.", nameof(o)),
    };

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => obj switch
    {
        Commit commit => FactJson.Write(commit),
        WriteCommit writes => WriteJson.Write(writes),
        WriteQueueState queue => WriteJson.Write(queue),
        CheckpointPiece piece => [.. BitConverter.GetBytes(piece.Index), .. piece.Json],
        CheckpointHead head => Bytes(writer =>
        {
            writer.WriteNumber("pieces", head.Pieces);
            writer.WriteNumber("bytes", head.Bytes);
        }),
        IndexChange change => Bytes(writer => Write(writer, change)),
        RerunChange change => Bytes(writer => Write(writer, change)),
        RerunTurns turns => Bytes(writer => Write(writer, turns.Change)),
        IndexState state => Bytes(writer =>
        {
            writer.WriteStartArray("entries");
            foreach (var (id, entry) in state.Entries)
            {
                writer.WriteStartObject();
                writer.WriteString("id", id.Value);
                if (entry.SleepsUntil is { } until)
                    writer.WriteString("until", until);
                if (entry.Quarantine is { } reason)
                    writer.WriteString("reason", reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }),
        _ => throw new ArgumentException($"{obj?.GetType()} is not stored by this serializer.", nameof(obj)),
    };

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        switch (manifest)
        {
            case FactJson.CommitManifest:
                return FactJson.Read(bytes);
            case WriteJson.CommitManifest:
                return WriteJson.ReadCommit(bytes);
            case WriteJson.StateManifest:
                return WriteJson.ReadState(bytes);
            case Piece:
                return new CheckpointPiece(BitConverter.ToInt32(bytes), bytes[sizeof(int)..]);
        }

        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        return manifest switch
        {
            Head => new CheckpointHead(root.GetProperty("pieces").GetInt32(), root.GetProperty("bytes").GetInt64()),
            Index => ReadChange(root),
            Rerun => ReadTurns(root),
            RerunSnapshot => new RerunTurns(ReadTurns(root)),
            IndexSnapshot => new IndexState(IndexState.Empty.Entries.AddRange(root.GetProperty("entries").EnumerateArray().Select(e =>
                KeyValuePair.Create(OrchestrationId.Parse(e.GetProperty("id").GetString()!), new IndexEntry(
                    e.TryGetProperty("until", out var until) ? until.GetDateTimeOffset() : null,
                    e.TryGetProperty("reason", out var reason) ? reason.GetString() : null))))),
            _ => throw new FormatException($"Stored data of kind '{manifest}' is not known to this version; a newer version wrote it, upgrade to read it."),
        };
    }

    private static byte[] Bytes(Action<Utf8JsonWriter> members) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }).Utf8.ToArray();

    private static void Write(Utf8JsonWriter writer, IndexChange change)
    {
        writer.WriteString("id", change.Id.Value);
        switch (change)
        {
            case IndexChange.Added:
                writer.WriteString("t", "added");
                break;
            case IndexChange.Slept slept:
                writer.WriteString("t", "slept");
                writer.WriteString("until", slept.Until);
                break;
            case IndexChange.Quarantined quarantined:
                writer.WriteString("t", "quarantined");
                writer.WriteString("reason", quarantined.Reason);
                break;
            case IndexChange.Released:
                writer.WriteString("t", "released");
                break;
            case IndexChange.Removed:
                writer.WriteString("t", "removed");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change.GetType().Name, "No such change.");
        }
    }

    private static void Write(Utf8JsonWriter writer, RerunChange change)
    {
        writer.WriteStartArray("turns");
        foreach (var (producer, holder) in change.Turns)
        {
            writer.WriteStartObject();
            writer.WriteString("producer", producer.Value);
            if (holder is { } by)
                writer.WriteString("by", by.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static RerunChange ReadTurns(JsonElement json) => new(
    [
        .. json.GetProperty("turns").EnumerateArray().Select(t => new RerunTurn(
            ActionId.Parse(t.GetProperty("producer").GetString()!),
            t.TryGetProperty("by", out var by) ? OrchestrationId.Parse(by.GetString()!) : null)),
    ]);

    private static IndexChange ReadChange(JsonElement json)
    {
        var id = OrchestrationId.Parse(json.GetProperty("id").GetString()!);
        return json.GetProperty("t").GetString() switch
        {
            "added" => new IndexChange.Added(id),
            "slept" => new IndexChange.Slept(id, json.GetProperty("until").GetDateTimeOffset()),
            "quarantined" => new IndexChange.Quarantined(id, json.GetProperty("reason").GetString()!),
            "released" => new IndexChange.Released(id),
            "removed" => new IndexChange.Removed(id),
            var type => throw new FormatException($"'{type}' is no index change known to this version; a newer version wrote it."),
        };
    }
}
