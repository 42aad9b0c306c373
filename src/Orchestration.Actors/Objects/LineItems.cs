using System.Text;
using System.Text.Json;
using Orchestration.Core.Json;

namespace Orchestration.Actors.Objects;

/// <summary>An object cannot be used as items; the message says why, for people.</summary>
internal sealed class ItemsException(string message) : Exception(message);

/// <summary>Makes items of an object's lines while it is read, so that it is never held as a whole. Empty lines are passed over.</summary>
/// <param name="name">The object's name, for messages.</param>
/// <param name="isJson">Whether each line is a JSON value; else it is a text.</param>
internal sealed class LineItems(string name, bool isJson) : Stream
{
    /// <summary>The longest line: the parameters of an activation may have no more.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    /// <summary>The most items of a step.</summary>
    public const int MaxItems = 1_000_000;

    /// <summary>The most bytes of all items together.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly List<JsonBytes> _items = [];
    private readonly MemoryStream _line = new();
    private long _bytes;
    private int _number = 1;

    public IReadOnlyList<JsonBytes> Items => _items;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The object has been read: what stands behind its last line break is a line too.</summary>
    public void Complete() => EndLine();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var end = buffer.IndexOf((byte)'\n');
            var piece = end < 0 ? buffer : buffer[..end];
            if (_line.Length + piece.Length > MaxLineBytes)
                throw Problem($"has more than {MaxLineBytes} bytes; an item goes to one action, whose parameters may have no more. Put large data into objects of its own.");
            _line.Write(piece);
            if (end < 0)
                return;
            EndLine();
            buffer = buffer[(end + 1)..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void EndLine()
    {
        var line = new ReadOnlyMemory<byte>(_line.GetBuffer(), 0, (int)_line.Length);
        if (_number == 1 && line.Span.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        if (line.Span.EndsWith("\r"u8))
            line = line[..^1];
        if (!line.Span.Trim(" \t"u8).IsEmpty)
            Add(isJson ? ReadJson(line) : JsonBytes.FromString(ReadText(line)));
        _line.SetLength(0);
        _number++;
    }

    private void Add(JsonBytes item)
    {
        _bytes += item.Length;
        if (_items.Count == MaxItems || _bytes > MaxBytes)
            throw new ItemsException($"'{name}' has more than {MaxItems} lines or {MaxBytes / 1024 / 1024} MB; split it, and run the workflow for each part.");
        _items.Add(item);
    }

    private string ReadText(ReadOnlyMemory<byte> line)
    {
        try
        {
            return Strict.GetString(line.Span);
        }
        catch (DecoderFallbackException)
        {
            throw Problem("is not UTF-8 text; store the object as UTF-8.");
        }
    }

    private JsonBytes ReadJson(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonBytes.Parse(line);
        }
        catch (JsonException)
        {
            throw Problem("is no JSON value; each line takes one. With format: text, lines are taken as they are.");
        }
    }

    private ItemsException Problem(string what) => new($"line {_number} of '{name}' {what}");
}
