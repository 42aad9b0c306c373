using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;

namespace Orchestration.ObjectStore.Folder;

/// <summary>
/// The number of the latest grant under which an object was written, in a file of its own that is locked while a writer is at it. The Python package
/// uses the same file and lock (<c>flock</c>).
/// </summary>
internal static class FolderFence
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Keeps other writers with a number out until what it returns is disposed.</summary>
    public static async Task<FileStream> EnterAsync(FolderLayout layout, ObjectKey key, long fencing, CancellationToken cancellation)
    {
        Directory.CreateDirectory(layout.Fencing);
        var path = Path.Combine(layout.Fencing, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Value))));
        var file = await LockAsync(path, cancellation);
        try
        {
            var buffer = new byte[32];
            var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            var latest = length == 0 ? 0 : long.Parse(buffer.AsSpan(0, length), NumberStyles.None, CultureInfo.InvariantCulture);
            if (latest > fencing)
                throw IFencedObjectStore.Refusal(key, fencing, latest);
            if (latest == fencing)
                return file;
            // First the number: a process that dies in between has only kept others from writing with an older one.
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(fencing.ToString(CultureInfo.InvariantCulture)));
            file.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path))
            {
                // Another writer holds it, for as long as a rename takes.
                await Task.Delay(Pause, cancellation);
            }
        }
    }
}
