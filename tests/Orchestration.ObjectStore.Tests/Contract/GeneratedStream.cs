namespace Orchestration.ObjectStore.Tests.Contract;

/// <summary>Bytes that depend on their position, made when they are read.</summary>
internal sealed class GeneratedStream(long length, bool seekable = true) : Stream
{
    private long _position;

    /// <summary>Called with the position before each read.</summary>
    public Action<long>? OnRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => seekable;

    public override bool CanWrite => false;

    public override long Length => seekable ? length : throw new NotSupportedException();

    public override long Position
    {
        get => seekable ? _position : throw new NotSupportedException();
        set => _position = seekable ? value : throw new NotSupportedException();
    }

    // A prime period, so that blocks of any size that are swapped or repeated show.
    public static byte At(long position) => (byte)(position % 251);

    public override int Read(Span<byte> buffer)
    {
        OnRead?.Invoke(_position);
        var count = (int)Math.Min(buffer.Length, length - _position);
        for (var i = 0; i < count; i++)
            buffer[i] = At(_position + i);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Checks that what is written are the bytes of a <see cref="GeneratedStream"/>, and keeps none.</summary>
internal sealed class CheckingStream : Stream
{
    /// <summary>Called with the position before each write.</summary>
    public Action<long>? OnWrite { get; init; }

    public long Checked { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        OnWrite?.Invoke(Checked);
        for (var i = 0; i < buffer.Length; i++)
            if (buffer[i] != GeneratedStream.At(Checked + i))
                throw new InvalidDataException($"The byte at {Checked + i} is wrong.");
        Checked += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
