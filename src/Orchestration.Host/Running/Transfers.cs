using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>A file to copy into or out of the object store.</summary>
/// <param name="Object">Which object; null for the one that the run's output names.</param>
/// <param name="File">The file's absolute path.</param>
internal sealed record Transfer(ObjectKey? Object, string File)
{
    /// <summary>Reads <c>bucket/key=FILE</c>; the file's path is taken from the working folder.</summary>
    /// <exception cref="CommandException">The text has another form.</exception>
    public static Transfer Parse(string text, string option)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1 && ObjectKey.TryParse(text[..equals], out var key)
            ? new Transfer(key, Path.GetFullPath(text[(equals + 1)..]))
            : throw CommandException.Usage($"{option}: '{text}' is not of the form bucket/key=FILE, such as input-video/clip.mp4=clip.mp4.");
    }
}

/// <summary>Copies files into the object store before a run and out of it afterwards.</summary>
internal static class Transfers
{
    /// <summary>Looks that files to upload are there, before anything is started.</summary>
    /// <exception cref="CommandException">One is not.</exception>
    public static void CheckSources(IEnumerable<Transfer> puts)
    {
        foreach (var put in puts)
        {
            if (Directory.Exists(put.File))
                throw CommandException.Usage($"--put {put.Object}: '{put.File}' is a folder. Name one file for each --put.");
            if (!File.Exists(put.File))
                throw CommandException.Usage($"--put {put.Object}: there is no file '{put.File}'. Check the path and the folder you are in.");
        }
    }

    /// <summary>Uploads; makes buckets that are missing.</summary>
    public static async Task UploadAsync(IObjectStore store, IReadOnlyList<Transfer> puts, Terminal terminal, CancellationToken cancellation)
    {
        foreach (var put in puts)
        {
            await store.MakeBucketAsync(put.Object!.Value.Bucket, cancellation);
            try
            {
                await using var content = new FileStream(put.File, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
                var info = await store.PutAsync(put.Object.Value, content, cancellation);
                terminal.Note($"put {put.Object} ({Humanize.Bytes(info.Size)}) from {put.File}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw CommandException.Failure($"--put {put.Object}: '{put.File}' cannot be read: {e.Message}", e);
            }
        }
    }

    /// <summary>Downloads one object; the file is complete or not there.</summary>
    /// <exception cref="CommandException">The object is not there, or the file cannot be written.</exception>
    public static async Task DownloadAsync(IObjectStore store, ObjectKey key, string file, Terminal terminal, CancellationToken cancellation)
    {
        var part = file + ".part";
        try
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            ObjectInfo? info;
            await using (var target = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
                info = await store.GetAsync(key, target, cancellation);
            if (info is null)
                throw CommandException.Failure($"--get {key}: the object store {store.Location} has no such object. Look at the objects in 'runs show' for the names.");
            File.Move(part, file, overwrite: true);
            terminal.Note($"got {key} ({Humanize.Bytes(info.Size)}) as {file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Failure($"--get {key}: '{file}' cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
