using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestration.LocalWhisk.DotNetLauncher;

/// <summary>
/// The socket to the local OpenWhisk. It carries frames, a four-byte big-endian length and that many bytes. To the server a frame begins with a letter:
/// A initialised, I initialisation failed (JSON), R the action's result (its JSON text), E its error (JSON). The server's frames are JSON.
/// </summary>
internal sealed class Channel : IDisposable
{
    private const int Killed = 9;
    private readonly NetworkStream _stream;

    public Channel(string path, string token)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new NetworkStream(socket, ownsSocket: true);
        Send(null, token);
    }

    public void Send(char? letter, string payload)
    {
        var text = Encoding.UTF8.GetBytes(letter + payload);
        Span<byte> header = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, text.Length);
        _stream.Write([.. header, .. text]);
    }

    /// <summary>The next frame. Where there is none the server is gone: nobody waits for this process, nor for what it started.</summary>
    public byte[] Receive()
    {
        var header = new byte[4];
        Fill(header);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        Fill(frame);
        return frame;
    }

    public void Dispose() => _stream.Dispose();

    private void Fill(byte[] target)
    {
        try
        {
            _stream.ReadExactly(target);
        }
        catch (IOException)
        {
            if (ProcessGroup() == Environment.ProcessId)
                _ = SendSignal(0, Killed);
            Environment.Exit(0);
        }
    }

    [DllImport("libc", EntryPoint = "getpgrp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ProcessGroup();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
