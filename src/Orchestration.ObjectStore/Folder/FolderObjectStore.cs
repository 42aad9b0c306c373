using System.Runtime.CompilerServices;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.ObjectStore.Folder;

namespace Orchestration.ObjectStore;

/// <summary>
/// Objects as files, <c>DIR/&lt;bucket&gt;/&lt;key&gt;</c> with the key's slashes as subfolders: the embedded default. An object is written to <c>DIR/.tmp/</c>
/// and renamed, so it appears whole or not at all, whoever else writes. The Python package <c>object_store</c> uses the same layout and version tags.
/// </summary>
/// <param name="folder">The folder; made when the first bucket is.</param>
public sealed class FolderObjectStore(string folder) : IFencedObjectStore
{
    private const int BufferSize = 128 * 1024;
    private const int MoveAttempts = 100;
    private readonly FolderLayout _layout = new(Path.GetFullPath(folder));

    /// <inheritdoc />
    public string Location => "file:" + _layout.Root;

    /// <inheritdoc />
    public Task MakeBucketAsync(string bucket, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _layout.BucketPath(bucket);
        return Guarded(bucket, () =>
        {
            Directory.CreateDirectory(path);
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc />
    public Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, CancellationToken cancellation) => WriteAsync(key, content, null, cancellation);

    /// <inheritdoc />
    public Task<ObjectInfo> PutAsync(ObjectKey key, Stream content, long fencing, CancellationToken cancellation) => WriteAsync(key, content, fencing, cancellation);

    private Task<ObjectInfo> WriteAsync(ObjectKey key, Stream content, long? fencing, CancellationToken cancellation)
    {
        var path = _layout.ObjectPath(key);
        return Guarded(key.Value, async () =>
        {
            RequireBucket(key.Bucket);
            var temporary = await WriteTemporaryAsync(content, cancellation);
            try
            {
                await using var fence = fencing is { } number ? await FolderFence.EnterAsync(_layout, key, number, cancellation) : null;
                using var handle = File.OpenHandle(temporary);
                var info = FolderLayout.Info(key, handle);
                Move(key, temporary, path);
                return info;
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        });
    }

    /// <inheritdoc />
    public Task<ObjectInfo?> GetAsync(ObjectKey key, Stream target, CancellationToken cancellation)
    {
        var path = _layout.ObjectPath(key);
        return Guarded(key.Value, async () =>
        {
            if (Open(path) is not { } source)
                return null;
            await using (source)
            {
                // Of the open file: the name may get another object while this one is being read.
                var info = FolderLayout.Info(key, source.SafeFileHandle);
                await CopyAsync(source, target, readsCallers: false, cancellation);
                return info;
            }
        });
    }

    /// <inheritdoc />
    public Task<ObjectInfo?> StatAsync(ObjectKey key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _layout.ObjectPath(key);
        return Guarded(key.Value, () => Task.FromResult(FolderLayout.Info(key, new FileInfo(path))));
    }

    /// <inheritdoc />
    public Task RemoveAsync(ObjectKey key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _layout.ObjectPath(key);
        return Guarded(key.Value, () =>
        {
            // Deleting below a name that is an object, or what is only a folder of others' keys, would throw; neither is this object.
            if (!File.Exists(path))
                return Task.CompletedTask;
            try
            {
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // Somebody removed it in between, and the empty subfolder with it.
            }
            RemoveEmptyFolders(Path.GetDirectoryName(path)!, _layout.BucketPath(key.Bucket));
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var root = _layout.BucketPath(bucket);
        // Names only are held, because folders are read in no order; an object that goes away meanwhile is left out.
        var keys = await Guarded(bucket, () => Task.FromResult(FolderLayout.Keys(root, prefix, cancellation)));
        foreach (var name in keys)
            if (await StatAsync(ObjectKey.Of(bucket, name), cancellation) is { } info)
                yield return info;
    }

    private void RequireBucket(string bucket)
    {
        if (!Directory.Exists(_layout.BucketPath(bucket)))
            throw new ObjectStoreException("NoSuchBucket", $"{Location} has no bucket '{bucket}'. Make it first.");
    }

    private async Task<string> WriteTemporaryAsync(Stream content, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_layout.Temporary);
        var path = Path.Combine(_layout.Temporary, Guid.NewGuid().ToString("N"));
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            var size = await CopyAsync(content, file, readsCallers: true, cancellation);
            if (size > 0)
                // Without it a power cut can leave the renamed file there with no content.
                file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        return path;
    }

    private static async Task<long> CopyAsync(Stream source, Stream target, bool readsCallers, CancellationToken cancellation)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        var reads = false;
        try
        {
            for (long size = 0; ;)
            {
                reads = true;
                var read = await source.ReadAsync(buffer, cancellation);
                if (read == 0)
                    return size;
                reads = false;
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                size += read;
            }
        }
        catch (Exception e) when (reads == readsCallers && e is (IOException or UnauthorizedAccessException))
        {
            throw new CallersStreamException(e);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Move(ObjectKey key, string temporary, string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Move(temporary, path, overwrite: true);
                return;
            }
            catch (IOException e) when (attempt < MoveAttempts && e is not PathTooLongException && _layout.ConflictOf(key.Value) is null)
            {
                // Somebody removed the last object of the subfolder in between, and the empty subfolder with it. What this does to
                // either call has several shapes; any other error stays and comes out at the last attempt.
            }
        }
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || !File.Exists(path) && FolderLayout.LeadsNowhere(path))
        {
            return null;
        }
    }

    private static void RemoveEmptyFolders(string folder, string bucket)
    {
        try
        {
            for (; folder != bucket; folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Not empty: somebody else's objects are in it.
        }
    }

    private async Task<T> Guarded<T>(string name, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (CallersStreamException e)
        {
            // Nothing is wrong with the store: the error stays what it is.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FolderErrors.Translate(Location, name, _layout.ConflictOf(name), e);
        }
    }

    private async Task Guarded(string name, Func<Task> work) => await Guarded(name, async () =>
    {
        await work();
        return true;
    });

    private sealed class CallersStreamException(Exception inner) : Exception(inner.Message, inner);
}
