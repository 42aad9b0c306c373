using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Core.Serialization;

/// <summary>
/// What the mailboxes of shared objects store, as JSON: rows (manifest <see cref="CommitManifest"/>) and snapshots (<see cref="StateManifest"/>).
/// Members are only ever added; what a newer format wrote is refused.
/// </summary>
public static class WriteJson
{
    /// <summary>Names the stored form of rows.</summary>
    public const string CommitManifest = "writes.v1";

    /// <summary>Names the stored form of snapshots.</summary>
    public const string StateManifest = "writequeue.v1";

    private const int Format = 1;

    /// <summary>Writes a row.</summary>
    /// <param name="commit">The row.</param>
    /// <returns>UTF-8 JSON: <c>{"v":1,"facts":[{"t":"…",…}]}</c>.</returns>
    public static byte[] Write(WriteCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return Bytes(writer =>
        {
            writer.WriteStartArray("facts");
            foreach (var fact in commit.Facts)
                Write(writer, fact);
            writer.WriteEndArray();
        });
    }

    /// <summary>Writes a state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(WriteQueueState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Bytes(writer =>
        {
            writer.WriteOptional("object", state.Object?.Value);
            writer.WriteString("store", state.Store);
            writer.WriteNumber("lastNumber", state.LastNumber);
            writer.WriteNumber("forgotten", state.Forgotten);
            writer.WriteOptional("lastWriter", state.LastWriter?.Value);
            if (state.Lease is { } lease)
            {
                writer.WriteStartObject("lease");
                Write(writer, lease.Request);
                writer.WriteNumber("number", lease.Number);
                Write(writer, lease.Until, lease.ActivationId, lease.Silent);
                writer.WriteEndObject();
            }

            WriteAll(writer, "waiting", state.Waiting.Values, Write);
            WriteAll(writer, "history", state.History, Write);
        });
    }

    /// <summary>Reads a row.</summary>
    /// <param name="utf8">What <see cref="Write(WriteCommit)"/> wrote, in this or an older version.</param>
    /// <returns>The row.</returns>
    /// <exception cref="FormatException">A newer version wrote it, or it is damaged.</exception>
    public static WriteCommit ReadCommit(ReadOnlyMemory<byte> utf8) =>
        Read(utf8, root => new WriteCommit([.. root.GetProperty("facts").EnumerateArray().Select(ReadFact)]));

    /// <summary>Reads a state.</summary>
    /// <param name="utf8">What <see cref="Write(WriteQueueState)"/> wrote, in this or an older version.</param>
    /// <returns>The state.</returns>
    /// <exception cref="FormatException">A newer version wrote it, or it is damaged.</exception>
    public static WriteQueueState ReadState(ReadOnlyMemory<byte> utf8) => Read(utf8, root =>
    {
        var waiting = root.GetProperty("waiting").EnumerateArray().Select(ReadRequest).ToArray();
        ImmutableList<CompletedWrite> history = [.. root.GetProperty("history").EnumerateArray().Select(ReadCompleted)];
        return new WriteQueueState
        {
            Object = root.TextOrNull("object") is { } key ? ObjectKey.Parse(key) : null,
            Store = root.Text("store"),
            LastNumber = root.GetProperty("lastNumber").GetInt64(),
            Forgotten = root.GetProperty("forgotten").GetInt64(),
            // Before it was stored, nothing had been made again by halves.
            LastWriter = root.TextOrNull("lastWriter") is { } last ? ActionId.Parse(last) : history.IsEmpty ? null : history[^1].Action,
            Lease = root.TryGetProperty("lease", out var lease)
                ? new WriteLease(ReadRequest(lease), lease.GetProperty("number").GetInt64(), lease.Time("until"), lease.TextOrNull("activationId"), lease.Flag("silent"))
                : null,
            Waiting = waiting.Select((r, i) => KeyValuePair.Create((long)i, r)).ToImmutableSortedDictionary(),
            Places = waiting.Select((r, i) => KeyValuePair.Create(r.Ticket, (long)i)).ToImmutableDictionary(),
            NextPlace = waiting.Length,
            History = history,
            Writers = [.. history.Select(h => h.Action)],
        };
    });

    private static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.Int("v") <= Format
                ? read(document.RootElement)
                : throw new FormatException($"The stored writers of an object have format {document.RootElement.Int("v")}, this version reads up to {Format}; upgrade to read them.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"The stored writers of an object cannot be read: {e.Message}", e);
        }
    }

    private static byte[] Bytes(Action<Utf8JsonWriter> members) => JsonOutput.Write(members, static (writer, members) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", Format);
        members(writer);
        writer.WriteEndObject();
    });

    private static void WriteAll<T>(Utf8JsonWriter writer, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStartObject();
            write(writer, value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, WriteFact fact)
    {
        writer.WriteStartObject();
        switch (fact)
        {
            case WriteFact.Opened f:
                writer.WriteString("t", "opened");
                writer.WriteString("object", f.Object.Value);
                writer.WriteString("store", f.Store);
                break;
            case WriteFact.Queued f:
                writer.WriteString("t", "queued");
                Write(writer, f.Request);
                break;
            case WriteFact.Granted f:
                writer.WriteString("t", "granted");
                Write(writer, f.Ticket);
                writer.WriteNumber("number", f.Number);
                writer.WriteString("until", f.Until);
                break;
            case WriteFact.Extended f:
                writer.WriteString("t", "extended");
                Write(writer, f.Ticket);
                Write(writer, f.Until, f.ActivationId, f.Silent);
                break;
            case WriteFact.Released f:
                writer.WriteString("t", "released");
                Write(writer, f.Ticket);
                writer.WriteBoolean("wrote", f.Wrote);
                break;
            case WriteFact.Expired f:
                writer.WriteString("t", "expired");
                Write(writer, f.Ticket);
                break;
            case WriteFact.Left f:
                writer.WriteString("t", "left");
                Write(writer, f.Ticket);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "No such fact.");
        }

        writer.WriteString("time", fact.Time);
        writer.WriteEndObject();
    }

    private static WriteFact ReadFact(JsonElement json)
    {
        var time = json.Time("time");
        return json.Text("t") switch
        {
            "opened" => new WriteFact.Opened(time, ObjectKey.Parse(json.Text("object")), json.Text("store")),
            "queued" => new WriteFact.Queued(time, ReadRequest(json)),
            "granted" => new WriteFact.Granted(time, ReadTicket(json), json.GetProperty("number").GetInt64(), json.Time("until")),
            "extended" => new WriteFact.Extended(time, ReadTicket(json), json.Time("until"), json.TextOrNull("activationId"), json.Flag("silent")),
            "released" => new WriteFact.Released(time, ReadTicket(json), json.Flag("wrote")),
            "expired" => new WriteFact.Expired(time, ReadTicket(json)),
            "left" => new WriteFact.Left(time, ReadTicket(json)),
            var type => throw new FormatException($"'{type}' is no fact of a shared object known to this version; the data was written by a newer one."),
        };
    }

    private static void Write(Utf8JsonWriter writer, WriteTicket ticket)
    {
        writer.WriteString("orchestration", ticket.Orchestration.Value);
        writer.WriteNumber("batch", ticket.Attempt.Batch);
        writer.WriteNumber("index", ticket.Attempt.Index);
        writer.WriteNumber("attempt", ticket.Attempt.Number);
    }

    private static WriteTicket ReadTicket(JsonElement json) =>
        new(OrchestrationId.Parse(json.Text("orchestration")), new AttemptRef(json.Int("batch"), json.Int("index"), json.Int("attempt")));

    private static void Write(Utf8JsonWriter writer, WriteRequest request)
    {
        Write(writer, request.Ticket);
        writer.WriteString("actionId", request.Action.Value);
        writer.WriteString("action", request.ActionName);
    }

    private static WriteRequest ReadRequest(JsonElement json) => new(ReadTicket(json), ActionId.Parse(json.Text("actionId")), json.Text("action"));

    private static void Write(Utf8JsonWriter writer, CompletedWrite write)
    {
        Write(writer, write.Ticket);
        writer.WriteString("actionId", write.Action.Value);
        writer.WriteNumber("number", write.Number);
        writer.WriteString("time", write.Time);
    }

    private static CompletedWrite ReadCompleted(JsonElement json) =>
        new(ActionId.Parse(json.Text("actionId")), ReadTicket(json), json.GetProperty("number").GetInt64(), json.Time("time"));

    private static void Write(Utf8JsonWriter writer, DateTimeOffset until, string? activationId, bool silent)
    {
        writer.WriteString("until", until);
        writer.WriteOptional("activationId", activationId);
        if (silent)
            writer.WriteBoolean("silent", true);
    }
}
