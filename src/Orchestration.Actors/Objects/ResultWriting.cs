using Orchestration.Actors.Journal;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.State;

namespace Orchestration.Actors.Objects;

/// <summary>
/// Writes the results of an ended batch as JSON lines in the order of its actions. They are read from the journal in the order in which they
/// came, into a temporary file, and from there in theirs: memory does not grow with them. Doing it twice writes the same object twice.
/// </summary>
internal static class ResultWriting
{
    private static readonly byte[] NullLine = "null\n"u8.ToArray();

    public static async Task<ObjectInfo> WriteAsync(IObjectStore store, ObjectKey target, JournalReader journal, OrchestrationId id, BatchState batch, CancellationToken cancellation)
    {
        await using var spool = NewSpool();
        var places = await SpoolAsync(spool, journal, id, batch, cancellation);
        await using var lines = NewSpool();
        var buffer = new byte[64 * 1024];
        foreach (var (start, length) in places)
        {
            if (length == 0)
                await lines.WriteAsync(NullLine, cancellation);
            for (var done = 0; done < length;)
            {
                var read = await RandomAccess.ReadAsync(spool.SafeFileHandle, buffer.AsMemory(0, Math.Min(length - done, buffer.Length)), start + done, cancellation);
                await lines.WriteAsync(buffer.AsMemory(0, read), cancellation);
                done += read;
            }
        }

        lines.Position = 0;
        try
        {
            return await store.PutAsync(target, lines, cancellation);
        }
        catch (ObjectStoreException e) when (e.Code == "NoSuchBucket")
        {
            await store.MakeBucketAsync(target.Bucket, cancellation);
            lines.Position = 0;
            return await store.PutAsync(target, lines, cancellation);
        }
    }

    /// <summary>Copies the results as they come; where an action failed, the length is 0.</summary>
    private static async Task<(long Start, int Length)[]> SpoolAsync(FileStream spool, JournalReader journal, OrchestrationId id, BatchState batch, CancellationToken cancellation)
    {
        var places = new (long Start, int Length)[batch.Actions.Count];
        if (places.Length == 0)
            return places;
        var found = 0;
        await foreach (var row in journal.ReadAsync(id, batch.Actions.Min(a => a.DoneAt), batch.Actions.Max(a => a.DoneAt), cancellation))
        {
            foreach (var fact in row.Commit.Facts)
            {
                if (fact is not AttemptSucceeded success || success.Batch != batch.Number)
                    continue;
                // An action may have returned its result over several lines.
                var result = success.Result.Utf8.Span.IndexOfAny((byte)'\n', (byte)'\r') < 0 ? success.Result : JsonBytes.Parse(success.Result.Utf8);
                places[success.Index] = (spool.Position, result.Length + 1);
                await spool.WriteAsync(result.Utf8, cancellation);
                spool.WriteByte((byte)'\n');
                found++;
            }
        }

        await spool.FlushAsync(cancellation);
        return found == batch.Succeeded
            ? places
            : throw new ItemsException($"the journal lacks {batch.Succeeded - found} results of the step; rows of {id} were removed.");
    }

    private static FileStream NewSpool()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 128 * 1024,
            Options = FileOptions.DeleteOnClose,
        };
        // Results may be nobody else's business.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), $"orchestration-{Guid.NewGuid():N}"), options);
    }
}
