using Microsoft.Win32.SafeHandles;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>
/// A file of lines that only grows. A write that fails leaves the end where it was, so the next one goes over the torn bytes;
/// a torn last line found on opening is cut off. Writes are not synced: what a crash of the machine may lose is said in the
/// documentation, a crash of the process loses nothing.
/// </summary>
internal sealed class LineFile : IDisposable
{
    private const int ChunkBytes = 256 * 1024;
    private readonly SafeFileHandle _handle;

    public LineFile(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
    }

    public string Path { get; }

    public long Length { get; private set; }

    /// <summary>Calls back with offset and content of every complete line, and puts the end behind the last of them.</summary>
    public void Scan(Action<long, ReadOnlyMemory<byte>> line)
    {
        var buffer = new byte[ChunkBytes];
        var (filled, bufferStart) = (0, 0L);
        while (true)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            var read = RandomAccess.Read(_handle, buffer.AsSpan(filled), bufferStart + filled);
            if (read == 0)
                break;
            filled += read;
            var begin = 0;
            while (buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n') is var end and >= 0)
            {
                line(bufferStart + begin, buffer.AsMemory(begin, end));
                begin += end + 1;
            }
            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            bufferStart += begin;
            filled -= begin;
        }
        Length = bufferStart;
        if (RandomAccess.GetLength(_handle) > Length)
            RandomAccess.SetLength(_handle, Length);
    }

    /// <returns>Where the line begins.</returns>
    public long Append(ReadOnlySpan<byte> line)
    {
        var offset = Length;
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(line.Length + 1);
        try
        {
            line.CopyTo(rented);
            rented[line.Length] = (byte)'\n';
            Disk.Write((_handle, rented, length: line.Length + 1, offset), static x => RandomAccess.Write(x._handle, x.rented.AsSpan(0, x.length), x.offset));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
        Length = offset + line.Length + 1;
        return offset;
    }

    /// <returns>The line, or null where the file has been removed since.</returns>
    public byte[]? Read(long offset, int length)
    {
        var line = new byte[length];
        try
        {
            for (var done = 0; done < length;)
            {
                var read = RandomAccess.Read(_handle, line.AsSpan(done), offset + done);
                if (read == 0)
                    return null;
                done += read;
            }
            return line;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    public void Remove()
    {
        Dispose();
        File.Delete(Path);
    }

    public void Dispose() => _handle.Dispose();
}
