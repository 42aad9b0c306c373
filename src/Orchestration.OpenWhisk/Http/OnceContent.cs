using System.Net;

namespace Orchestration.OpenWhisk.Http;

/// <summary>
/// A body in two pieces that goes out once. SocketsHttpHandler repeats a request without a body on a fresh connection when a pooled one turns out
/// closed, and none whose body it has begun to send; refusing a second pass makes that certain whatever handler or version is below.
/// </summary>
internal sealed class OnceContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _first;
    private readonly ReadOnlyMemory<byte> _second;
    private int _passes;

    public OnceContent(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        _first = first;
        _second = second;
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    /// <summary>Whether any byte of the body may have left, which is before any doubt about a started action.</summary>
    public bool Begun => Volatile.Read(ref _passes) > 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _passes) > 1)
            throw new HttpRequestException("The connection broke after the request was sent; it is not sent a second time.");
        await stream.WriteAsync(_first, cancellationToken);
        await stream.WriteAsync(_second, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = (long)_first.Length + _second.Length;
        return true;
    }
}
