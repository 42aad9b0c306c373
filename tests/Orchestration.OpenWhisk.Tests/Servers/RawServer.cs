using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestration.OpenWhisk.Tests.Servers;

/// <summary>A server below HTTP, for what no HTTP server does: answers, closes or resets as a test says after each whole request.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, string, Socket, Task<bool>> _answer;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">Gets the request's number from 1 up, its text, and the connection; false closes the connection.</param>
    public RawServer(Func<int, string, Socket, Task<bool>> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public int Requests => Volatile.Read(ref _requests);

    public static Task SendAsync(Socket socket, string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        // The listener stops last: an accept that starts on a stopped one fails in another way than a cancelled one.
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                while (await ReadRequestAsync(socket) is { } text && await _answer(Interlocked.Increment(ref _requests), text, socket))
                {
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The client went away or the test ended.
            }
        }
    }

    private async Task<string?> ReadRequestAsync(Socket socket)
    {
        var text = "";
        var buffer = new byte[65536];
        while (true)
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var header = text[..end].Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
                var length = header is null ? 0 : int.Parse(header.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
                if (text.Length >= end + 4 + length)
                    return text;
            }
            var read = await socket.ReceiveAsync(buffer, _stop.Token);
            if (read == 0)
                return null;
            text += Encoding.Latin1.GetString(buffer, 0, read);
        }
    }
}
