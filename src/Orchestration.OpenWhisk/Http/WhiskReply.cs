using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Orchestration.OpenWhisk.Http;

/// <summary>One answer, its body in a pooled buffer until disposed.</summary>
internal sealed class WhiskReply(int status, string? activationId, string? redirect) : IDisposable
{
    private byte[] _buffer = [];
    private int _length;

    public int Status { get; } = status;

    /// <summary>The header <c>x-openwhisk-activation-id</c>, which marks the end or acceptance of an activation.</summary>
    public string? ActivationId { get; } = activationId;

    public string? Redirect { get; } = redirect;

    /// <summary>Why the body is not whole; null when it is.</summary>
    public string? BodyProblem { get; private set; }

    /// <summary>The body is longer than the settings allow.</summary>
    public bool TooLong { get; private set; }

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(0, _length);

    public bool LooksLikeObject => FirstByte == (byte)'{';

    public bool LooksLikeArray => FirstByte == (byte)'[';

    private byte FirstByte
    {
        get
        {
            var start = Body.TrimStart(" \t\r\n"u8);
            return start.IsEmpty ? (byte)0 : start[0];
        }
    }

    public async Task ReadBodyAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        var announced = content.Headers.ContentLength;
        if (announced > limit)
        {
            TooLong = true;
            return;
        }
        // One byte more than announced, so that the read which sees the end needs no larger buffer.
        _buffer = ArrayPool<byte>.Shared.Rent((int)(announced ?? 4095) + 1);
        using var stream = await content.ReadAsStreamAsync(cancellation);
        while (true)
        {
            if (_length == _buffer.Length)
                Grow();
            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellation);
            if (read == 0)
                return;
            _length += read;
            if (_length > limit)
            {
                TooLong = true;
                return;
            }
        }
    }

    public void BodyBroke(string problem) => BodyProblem = problem;

    /// <summary>The <c>error</c> text that OpenWhisk's controller gives; null when the body is not such an object.</summary>
    public string? ErrorText()
    {
        if (!LooksLikeObject || !Utf8.IsValid(Body))
            return null;
        try
        {
            var reader = new Utf8JsonReader(Body);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isError = reader.ValueTextEquals("error"u8);
                reader.Read();
                if (isError && reader.TokenType == JsonTokenType.String)
                    return reader.GetString();
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not OpenWhisk's; the caller says so.
        }
        return null;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Body.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
