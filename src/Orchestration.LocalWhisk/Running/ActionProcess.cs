using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Orchestration.LocalWhisk.Actions;
using Orchestration.LocalWhisk.Activations;

namespace Orchestration.LocalWhisk.Running;

internal enum ReplyKind
{
    Answer,
    TimedOut,

    /// <summary>The process ended without an answer. The action may have done any part of its work.</summary>
    Died,

    /// <summary>The process was gone before it could be told anything.</summary>
    NotSent,
}

/// <summary>What came back from a process.</summary>
/// <param name="Kind">Whether anything did.</param>
/// <param name="Letter">The frame's letter; see the launchers.</param>
/// <param name="Content">The frame's content, or the beginning of it; valid until the next exchange.</param>
/// <param name="Length">Bytes of the whole content.</param>
internal readonly record struct Reply(ReplyKind Kind, char Letter = default, ReadOnlyMemory<byte> Content = default, long Length = 0);

/// <summary>A process that has one action loaded and runs one call of it at a time.</summary>
internal sealed class ActionProcess : ActionRuntime
{
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(10);

    // What the process sent before it ended may still be on its way.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(2);
    private readonly Process _process;
    private readonly Socket _socket;
    private readonly string _folder;
    private readonly ProcessGuard _guard;
    private readonly LogReader _stdout;
    private readonly LogReader _stderr;
    private readonly Task _output;
    private readonly Task _exited;
    private readonly Lazy<Task> _end;
    private readonly byte[] _header = new byte[4];
    private byte[] _content = new byte[4096];

    private bool _isOutOfMemory;

    public ActionProcess(WhiskAction action, Process process, Task exited, Socket socket, string folder, string mark, ProcessGuard guard)
        : base(action)
    {
        (_process, _exited, _socket, _folder, _guard) = (process, exited, socket, folder, guard);
        Mark = mark;
        Id = process.Id;
        var markBytes = Encoding.ASCII.GetBytes(mark);
        _stdout = new LogReader("stdout", markBytes);
        _stderr = new LogReader("stderr", markBytes);
        _output = Task.WhenAll(_stdout.ReadAsync(process.StandardOutput.BaseStream), _stderr.ReadAsync(process.StandardError.BaseStream));
        _end = new Lazy<Task>(EndAsync);
        _ = CloseAfterExitAsync();
    }

    /// <summary>What the launcher writes to both streams after each run, without the line end.</summary>
    public string Mark { get; }

    public override bool IsInitialised { get; set; }

    /// <summary>The process's id, which is that of its group too.</summary>
    public int Id { get; }

    public override bool IsOutOfMemory => _isOutOfMemory;

    public override Task Exited => _exited;

    public override LogSink BeginLog()
    {
        var sink = new LogSink(Action.Limits.LogBytes);
        _stdout.Begin(sink);
        _stderr.Begin(sink);
        return sink;
    }

    public override Task<Reply> InitialiseAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes) => ExchangeAsync(frames.Init(activation, Mark), limit, keepBytes);

    public override Task<Reply> RunAsync(Activation activation, Frames frames, TimeSpan limit, int keepBytes) => ExchangeAsync(frames.Run(activation), limit, keepBytes);

    /// <summary>Sends a frame and waits for the one that comes back.</summary>
    /// <param name="frame">Header and content.</param>
    /// <param name="limit">Time for the exchange.</param>
    /// <param name="keepBytes">How much of a longer content is kept.</param>
    private async Task<Reply> ExchangeAsync(ReadOnlyMemory<byte> frame, TimeSpan limit, int keepBytes)
    {
        using var clock = new CancellationTokenSource(limit);
        try
        {
            if (!await TrySendAsync(frame, clock.Token))
                return new Reply(ReplyKind.NotSent);
            if (!await FillAsync(_header, clock.Token))
                return new Reply(ReplyKind.Died);
            var length = BinaryPrimitives.ReadUInt32BigEndian(_header) - 1L;
            if (!await FillAsync(_header.AsMemory(0, 1), clock.Token))
                return new Reply(ReplyKind.Died);
            var letter = (char)_header[0];
            var kept = (int)Math.Min(length, keepBytes);
            if (_content.Length < kept)
                _content = new byte[Math.Max(kept, 2 * _content.Length)];
            if (!await FillAsync(_content.AsMemory(0, kept), clock.Token) || !await SkipAsync(length - kept, clock.Token))
                return new Reply(ReplyKind.Died);
            return new Reply(ReplyKind.Answer, letter, _content.AsMemory(0, kept), length);
        }
        catch (OperationCanceledException)
        {
            return new Reply(ReplyKind.TimedOut);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return new Reply(ReplyKind.Died);
        }
    }

    /// <summary>Ends it for the memory that it holds; who talks with it finds it dead.</summary>
    public void EndForMemory()
    {
        _isOutOfMemory = true;
        ProcessTree.Kill(_process);
    }

    /// <summary>Kills the process with all it started and removes its folder; ends when the process is gone.</summary>
    public override Task KillAsync() => _end.Value;

    private async Task<bool> TrySendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        var sent = 0;
        try
        {
            while (sent < frame.Length)
                sent += await _socket.SendAsync(frame[sent..], cancellation);
            return true;
        }
        catch (Exception e) when (sent == 0 && e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async ValueTask<bool> FillAsync(Memory<byte> target, CancellationToken cancellation)
    {
        while (target.Length > 0)
        {
            var read = await _socket.ReceiveAsync(target, cancellation);
            if (read == 0)
                return false;
            target = target[read..];
        }
        return true;
    }

    private async ValueTask<bool> SkipAsync(long count, CancellationToken cancellation)
    {
        if (count == 0)
            return true;
        var scratch = new byte[64 * 1024];
        while (count > 0)
        {
            var read = await _socket.ReceiveAsync(scratch.AsMemory(0, (int)Math.Min(count, scratch.Length)), cancellation);
            if (read == 0)
                return false;
            count -= read;
        }
        return true;
    }

    // A child that the action forked may hold the connection open; then only the exit says that no answer will come.
    private async Task CloseAfterExitAsync()
    {
        await _exited;
        await Task.Delay(LastWords);
        _socket.Dispose();
    }

    private async Task EndAsync()
    {
        ProcessTree.Kill(_process);
        try
        {
            await _exited.WaitAsync(ExitPatience);
        }
        catch (TimeoutException)
        {
            // A process stuck in the kernel cannot be waited for; it holds nothing that others need.
        }
        _guard.Remove(_process.Id);
        _socket.Dispose();
        _ = CleanUpAsync();
    }

    private async Task CleanUpAsync()
    {
        await Task.WhenAny(_output, Task.Delay(OutputPatience));
        _process.Dispose();
        RemoveFolder(_folder);
    }

    /// <summary>Where a process keeps temporary files; beside its working folder, in which an action may look around.</summary>
    public static string TemporaryFolder(string folder) => folder + ".tmp";

    public static void RemoveFolder(string folder)
    {
        foreach (var path in new[] { folder, TemporaryFolder(folder) })
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next start empties the folder of all of them.
            }
        }
    }
}
