using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore;

/// <summary>
/// A store as one attempt of an action uses it: notes what was read, written and missed, for the reserved member of the action's reply. Only what
/// succeeded counts as read or written. Safe for many concurrent calls.
/// </summary>
/// <param name="inner">The store; not disposed.</param>
/// <param name="context">Whose accesses these are.</param>
/// <param name="time">The clock for the accesses' times; null for the system's.</param>
public sealed class TrackedObjectStore(IObjectStore inner, ActionContext context, TimeProvider? time = null) : IObjectStore
{
    /// <summary>Bytes of JSON above which the report is stored as an object: a good reply must not become too large by it.</summary>
    public const int LargestInline = 256 * 1024;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _notes = new();
    private readonly List<ObjectAccess> _reads = [];
    private readonly List<ObjectAccess> _writes = [];
    private readonly List<ObjectAccess> _missing = [];

    /// <inheritdoc />
    public string Location => inner.Location;

    /// <summary>What has been read, written and missed so far.</summary>
    public ObjectReport Report
    {
        get
        {
            lock (_notes)
                return new ObjectReport([.. _reads], [.. _writes], [.. _missing]);
        }
    }

    /// <inheritdoc />
    public Task MakeBucketAsync(string bucket, CancellationToken cancellation) => inner.MakeBucketAsync(bucket, cancellation);

    /// <inheritdoc />
    public async Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation)
    {
        var info = await PutFencedAsync(key, content, cancellation);
        Note(_writes, key, info);
        return info;
    }

    /// <inheritdoc />
    public async Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation)
    {
        var info = await inner.GetAsync(key, target, cancellation);
        if (info is null)
            Note(_missing, key, null);
        else
            Note(_reads, key, info);
        return info;
    }

    /// <inheritdoc />
    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation) => inner.StatAsync(key, cancellation);

    /// <inheritdoc />
    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation) => inner.RemoveAsync(key, cancellation);

    /// <inheritdoc />
    public IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, CancellationToken cancellation) => inner.ListAsync(bucket, prefix, cancellation);

    /// <summary>The value of the reply's member <c>__orchestration</c>: <c>{v: 1, actionId, attempt, reads, writes, missing}</c>, or with <c>report</c> the
    /// name of the object that holds this when it is larger than <see cref="LargestInline"/>.</summary>
    /// <param name="cancellation">Gives up storing it.</param>
    /// <returns>A JSON object, to be put beside the action's result or into its <c>error</c>.</returns>
    /// <exception cref="ObjectStoreException">The report had to be stored and could not be.</exception>
    public async Task<JsonBytes> ToReservedMemberAsync(CancellationToken cancellation)
    {
        var report = Report;
        var whole = Member(writer =>
        {
            Entries(writer, "reads", report.Reads, transferred: true);
            Entries(writer, "writes", report.Writes, transferred: true);
            Entries(writer, "missing", report.Missing, transferred: false);
        });
        if (whole.Length <= LargestInline)
            return whole;

        // A bucket that the action wrote to is one that it may write to.
        var bucket = report.Writes.Concat(report.Reads).Concat(report.Missing).First().Object.Bucket;
        var key = ObjectKey.Of(bucket, string.Create(CultureInfo.InvariantCulture, $".orchestration/{context.ActionId}-{context.Attempt}.json"));
        using var content = new MemoryStream(whole.Utf8.ToArray(), writable: false);
        await inner.PutAsync(key, content, cancellation);
        return Member(writer => writer.WriteString("report", key.Value));
    }

    private Task<ObjectInfo> PutFencedAsync(ObjectKey key, Stream content, CancellationToken cancellation)
    {
        foreach (var grant in context.Fencing)
            if (grant.Object == key && inner is IFencedObjectStore fenced)
                return fenced.PutAsync(key, content, grant.Number, cancellation);
        return inner.PutAsync(key, content, cancellation);
    }

    private JsonBytes Member(Action<Utf8JsonWriter> content) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", 1);
        writer.WriteString("actionId", context.ActionId.Value);
        writer.WriteNumber("attempt", context.Attempt);
        content(writer);
        writer.WriteEndObject();
    });

    private static void Entries(Utf8JsonWriter writer, string name, ImmutableArray<ObjectAccess> entries, bool transferred)
    {
        writer.WriteStartArray(name);
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString("object", entry.Object.Value);
            if (transferred)
            {
                writer.WriteNumber("size", entry.Size);
                writer.WriteString("etag", entry.ETag);
            }
            writer.WriteString("time", entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private void Note(List<ObjectAccess> list, ObjectKey key, ObjectInfo? info)
    {
        var access = new ObjectAccess(key, info?.Size ?? 0, info?.ETag, _time.GetUtcNow());
        lock (_notes)
            list.Add(access);
    }
}
