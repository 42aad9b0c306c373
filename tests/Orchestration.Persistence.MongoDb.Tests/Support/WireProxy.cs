using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestration.Persistence.MongoDb.Tests.Support;

/// <summary>
/// Stands between a driver and a MongoDB server and looks at messages as wholes: counts inserts, holds their replies back, or takes the connection away
/// after the server has done what it was asked.
/// </summary>
internal sealed class WireProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly string _collection;
    private readonly int _serverPort;
    private readonly Task _accepting;
    private int _inserts;
    private int _cuts;
    private TaskCompletionSource? _hold;

    /// <param name="connectionString">The server, on loopback.</param>
    /// <param name="collection">Whose inserts are meant.</param>
    public WireProxy(string connectionString, string collection)
    {
        _collection = collection;
        _serverPort = MongoDB.Driver.MongoUrl.Create(connectionString).Server.Port;
        _listener.Start();
        _accepting = AcceptAsync();
        // Direct: a member of a replica set would send the driver to its own address.
        ConnectionString = $"mongodb://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{MongoDB.Driver.MongoUrl.Create(connectionString).DatabaseName}?directConnection=true";
    }

    public string ConnectionString { get; }

    /// <summary>How many insert commands came for the collection.</summary>
    public int Inserts => Volatile.Read(ref _inserts);

    /// <summary>The next so many inserts reach the server, and their replies nobody.</summary>
    public void CutNextInserts(int count) => Volatile.Write(ref _cuts, count);

    /// <summary>Replies to inserts wait until <see cref="ReleaseInserts"/>.</summary>
    public void HoldInserts() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ReleaseInserts() => _hold?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _closing.Token);
                client.NoDelay = server.NoDelay = true;
                var (from, to) = (client.GetStream(), server.GetStream());
                while (await ReadMessageAsync(from) is { } request)
                {
                    await to.WriteAsync(request, _closing.Token);
                    var isInsert = IsInsert(request);
                    if (isInsert)
                        Interlocked.Increment(ref _inserts);
                    if (await ReadMessageAsync(to) is not { } reply)
                        return;
                    if (isInsert && Interlocked.Decrement(ref _cuts) >= 0)
                        return;
                    if (isInsert && _hold is { } hold)
                        await hold.Task.WaitAsync(_closing.Token);
                    await from.WriteAsync(reply, _closing.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One of the two sides is gone.
            }
        }
    }

    // OP_MSG: the body document's first member is the command with the collection's name as its value.
    private bool IsInsert(byte[] message)
    {
        var command = Encoding.Latin1.GetBytes("\u0002insert\0");
        var at = message.AsSpan().IndexOf(command);
        return at >= 0 && message.AsSpan(at + command.Length + 4).StartsWith(Encoding.UTF8.GetBytes(_collection + "\0"));
    }

    private async Task<byte[]?> ReadMessageAsync(NetworkStream stream)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, _closing.Token) < 4)
            return null;
        var message = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
        head.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(4), _closing.Token);
        return message;
    }
}
