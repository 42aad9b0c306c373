using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.OpenWhisk.Invocations;

/// <summary>
/// The member <c>__orchestration</c> of an action's reply, version 1: <c>{v, actionId, attempt, reads, writes, missing}</c>, or <c>{v, report: "bucket/key"}</c>
/// when it is too large for the reply. One that is not as it should be, or belongs to another attempt, counts as none: it never fails an attempt.
/// </summary>
internal static class ReservedMember
{
    private static ReadOnlySpan<byte> Name => "__orchestration"u8;

    private static ReadOnlySpan<byte> QuotedName => "\"__orchestration\""u8;

    /// <summary>Copies a value out of a reply's buffer, without the reserved member.</summary>
    public static (JsonBytes Value, JsonBytes? Member) Strip(ReadOnlySpan<byte> value)
    {
        // Most replies have none, and looking for its name costs far less than taking the value apart.
        if (value.IndexOf(QuotedName) < 0 || value[0] != (byte)'{')
            return (JsonBytes.FromTrusted(value.ToArray()), null);

        var kept = new byte[value.Length];
        kept[0] = (byte)'{';
        var length = 1;
        JsonBytes? member = null;
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isReserved = reader.ValueTextEquals(Name);
            var content = ActivationRecord.Value(ref reader);
            if (isReserved)
            {
                member = JsonBytes.FromTrusted(value[content].ToArray());
                continue;
            }
            if (length > 1)
                kept[length++] = (byte)',';
            var text = value[start..content.End];
            text.CopyTo(kept.AsSpan(length));
            length += text.Length;
        }
        if (member is null)
            return (JsonBytes.FromTrusted(value.ToArray()), null);
        kept[length++] = (byte)'}';
        return (JsonBytes.FromTrusted(kept.AsMemory(0, length)), member);
    }

    /// <summary>Reads the member: the report itself, or the object that it is stored as.</summary>
    public static (ObjectReport Report, ObjectKey? StoredAs) Read(ReadOnlyMemory<byte> member, InvokeRequest request)
    {
        try
        {
            using var document = JsonDocument.Parse(member);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !Is(root, "v", 1))
                return (ObjectReport.None, null);
            if (root.TryGetProperty("report", out var stored))
            {
                // Its reader checks whose it is.
                return stored.ValueKind == JsonValueKind.String && ObjectKey.TryParse(stored.GetString(), out var key)
                    ? (ObjectReport.None, key)
                    : (ObjectReport.None, null);
            }
            if (!IsOf(root, request))
                return (ObjectReport.None, null);
            return TryEntries(root, "reads", out var reads) && TryEntries(root, "writes", out var writes) && TryEntries(root, "missing", out var missing)
                ? (new ObjectReport(reads, writes, missing), null)
                : (ObjectReport.None, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with bytes or escapes that are no text.
            return (ObjectReport.None, null);
        }
    }

    /// <summary>Whether a member says that it is of this action and attempt.</summary>
    public static bool IsOf(ReadOnlyMemory<byte> member, InvokeRequest request)
    {
        try
        {
            using var document = JsonDocument.Parse(member);
            return document.RootElement.ValueKind == JsonValueKind.Object && IsOf(document.RootElement, request);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsOf(JsonElement member, InvokeRequest request) =>
        member.TryGetProperty("actionId", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() == request.ActionId.Value && Is(member, "attempt", request.Attempt);

    private static bool Is(JsonElement parent, string name, int expected) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number == expected;

    private static bool TryEntries(JsonElement parent, string name, out ImmutableArray<ObjectAccess> entries)
    {
        entries = [];
        if (!parent.TryGetProperty(name, out var list))
            return true;
        if (list.ValueKind != JsonValueKind.Array)
            return false;
        var read = ImmutableArray.CreateBuilder<ObjectAccess>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (Entry(item) is not { } entry)
                return false;
            read.Add(entry);
        }
        entries = read.MoveToImmutable();
        return true;
    }

    private static ObjectAccess? Entry(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object
            || !item.TryGetProperty("object", out var name) || name.ValueKind != JsonValueKind.String || !ObjectKey.TryParse(name.GetString(), out var key)
            || !item.TryGetProperty("time", out var moment) || moment.ValueKind != JsonValueKind.String || !moment.TryGetDateTimeOffset(out var time))
            return null;
        long size = 0;
        if (item.TryGetProperty("size", out var bytes) && bytes.ValueKind != JsonValueKind.Null
            && (bytes.ValueKind != JsonValueKind.Number || !bytes.TryGetInt64(out size) || size < 0))
            return null;
        string? etag = null;
        if (item.TryGetProperty("etag", out var tag) && tag.ValueKind != JsonValueKind.Null)
        {
            if (tag.ValueKind != JsonValueKind.String)
                return null;
            etag = tag.GetString();
        }
        return new ObjectAccess(key, size, etag, time.ToUniversalTime());
    }
}
