using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// Where action processes connect to, each with the token it was started with. A connection of its own leaves stdin, stdout and
/// stderr to the action: nothing it prints, reads or passes on to its children can disturb a result.
/// </summary>
internal sealed class ControlListener : IDisposable
{
    private const int TokenBytes = 32;
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Socket>> _expected = new(StringComparer.Ordinal);

    public ControlListener(string path)
    {
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(512);
        _ = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Waits for the process that has the token. The caller owns the socket.</summary>
    public async Task<Socket> ExpectAsync(string token, CancellationToken cancellation)
    {
        var arrival = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _expected[token] = arrival;
        try
        {
            return await arrival.Task.WaitAsync(cancellation);
        }
        finally
        {
            _expected.TryRemove(token, out _);
            if (cancellation.IsCancellationRequested && !arrival.TrySetCanceled(cancellation) && arrival.Task.IsCompletedSuccessfully)
                arrival.Task.Result.Dispose();
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors, most likely: others will be given back.
                await Task.Delay(RetryAfter);
                continue;
            }
            _ = GreetAsync(socket);
        }
    }

    private async Task GreetAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(HelloPatience);
        try
        {
            var hello = new byte[4 + TokenBytes];
            for (var filled = 0; filled < hello.Length;)
            {
                var read = await socket.ReceiveAsync(hello.AsMemory(filled), patience.Token);
                if (read == 0)
                    break;
                filled += read;
            }
            if (BinaryPrimitives.ReadInt32BigEndian(hello) == TokenBytes
                && _expected.TryGetValue(Encoding.ASCII.GetString(hello, 4, TokenBytes), out var arrival)
                && arrival.TrySetResult(socket))
                return;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Not one of ours, or gone already.
        }
        socket.Dispose();
    }
}
