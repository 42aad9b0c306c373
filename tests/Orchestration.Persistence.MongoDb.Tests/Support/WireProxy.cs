using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestration.Persistence.MongoDb.Tests.Support;

/// <summary>
/// Stands between a driver and a MongoDB server and looks at messages as wholes: counts inserts, holds their replies back, or takes the connection away
/// after the server has done what it was asked. It can also be down, at once or after some updates.
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
    private int _updates;
    private int _lastUpdate = int.MaxValue;
    private volatile bool _down;

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

    /// <summary>How many update commands came since <see cref="GoUp"/>, for any collection.</summary>
    public int Updates => Volatile.Read(ref _updates);

    /// <summary>Answers nobody until <see cref="GoUp"/>.</summary>
    public void GoDown() => _down = true;

    /// <summary>Passes so many updates on; the reply to the last of them is lost, and then it is down.</summary>
    public void GoDownAtUpdate(int number) => Volatile.Write(ref _lastUpdate, number);

    public void GoUp()
    {
        Volatile.Write(ref _updates, 0);
        Volatile.Write(ref _lastUpdate, int.MaxValue);
        _down = false;
    }

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
                    if (_down)
                        return;
                    if (IsCommand(request, "update") && Interlocked.Increment(ref _updates) >= Volatile.Read(ref _lastUpdate))
                        _down = true;
                    await to.WriteAsync(request, _closing.Token);
                    var isInsert = IsInsert(request);
                    if (isInsert)
                        Interlocked.Increment(ref _inserts);
                    if (await ReadMessageAsync(to) is not { } reply)
                        return;
                    if (_down || (isInsert && Interlocked.Decrement(ref _cuts) >= 0))
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
    private bool IsInsert(byte[] message) => PlaceOf(message, "insert") is { } at && message.AsSpan(at + 4).StartsWith(Encoding.UTF8.GetBytes(_collection + "\0"));

    private static bool IsCommand(byte[] message, string name) => PlaceOf(message, name) is not null;

    private static int? PlaceOf(byte[] message, string name)
    {
        var command = Encoding.Latin1.GetBytes($"\u0002{name}\0");
        return message.AsSpan().IndexOf(command) is >= 0 and var at ? at + command.Length : null;
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
