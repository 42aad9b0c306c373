using System.Buffers;
using System.Text.Json;

namespace Orchestration.Core.Json;

/// <summary>
/// Where JSON is written before its length is known: a buffer that is used again and again, so that a text costs its own bytes and no more. Each thread keeps one; what is
/// written while another text is being written gets its own.
/// </summary>
internal sealed class JsonOutput : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 4096;

    // Larger ones go back to the pool, which gives them up when memory is short.
    private const int LargestKept = 256 * 1024;

    [ThreadStatic]
    private static JsonOutput? _kept;

    private byte[] _buffer = [];
    private int _written;

    private JsonOutput() => Writer = new Utf8JsonWriter(this, JsonText.WriterOptions);

    /// <summary>Writes into this buffer.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>How long the text is so far.</summary>
    public long Length => _written + Writer.BytesPending;

    /// <summary>An empty one; the caller disposes it and does not use its writer afterwards.</summary>
    public static JsonOutput Take()
    {
        var output = _kept ?? new JsonOutput();
        _kept = null;
        return output;
    }

    /// <summary>The text of one value.</summary>
    /// <param name="state">What <paramref name="write"/> gets.</param>
    /// <param name="write">Writes exactly one value.</param>
    public static byte[] Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        using var output = Take();
        write(output.Writer, state);
        return output.ToArray();
    }

    /// <summary>Ends a value; another one follows right behind it.</summary>
    public void EndValue()
    {
        Writer.Flush();
        Writer.Reset();
    }

    /// <summary>Gives what was written since the last time, and begins anew.</summary>
    public byte[] ToArray()
    {
        Writer.Flush();
        var text = _buffer.AsSpan(0, _written).ToArray();
        Reset();
        return text;
    }

    /// <summary>Passes on what was written since the last time, and begins anew.</summary>
    /// <param name="reader">Reads it before it returns.</param>
    public void Pass(Action<ReadOnlySpan<byte>> reader)
    {
        Writer.Flush();
        reader(_buffer.AsSpan(0, _written));
        Reset();
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _buffer.AsSpan(_written);
    }

    public void Dispose()
    {
        Reset();
        if (_buffer.Length > LargestKept)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _kept = this;
    }

    private void Reset()
    {
        _written = 0;
        Writer.Reset();
    }

    private void Grow(int sizeHint)
    {
        var needed = checked(_written + Math.Max(1, sizeHint));
        if (needed <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(FirstSize, needed), (int)Math.Min(Array.MaxLength, _buffer.Length * 2L)));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
