namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// Reads one output stream of a process for as long as that lives, and hands its lines to the activation that runs. A mark in
/// the stream, known to the launcher only, ends an activation's part: so the next one may begin before this reader got there.
/// </summary>
internal sealed class LogReader(string stream, byte[] mark)
{
    private const int ReadBytes = 16 * 1024;
    private const int MaxLineBytes = 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly Queue<LogSink> _sinks = new();
    private byte[] _pending = [];
    private int _pendingLength;
    private bool _ended;

    public void Begin(LogSink sink)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _sinks.Enqueue(sink);
                return;
            }
        }
        sink.EndStream();
    }

    public async Task ReadAsync(Stream source)
    {
        var buffer = new byte[ReadBytes];
        try
        {
            while (await source.ReadAsync(buffer) is var read and > 0)
                Take(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone, and its pipe with it.
        }
        End();
    }

    private void Take(ReadOnlySpan<byte> chunk)
    {
        while (chunk.IndexOf((byte)'\n') is var end and >= 0)
        {
            if (_pendingLength == 0)
            {
                TakeLine(chunk[..end]);
            }
            else
            {
                Keep(chunk[..end]);
                TakeLine(_pending.AsSpan(0, _pendingLength));
                _pendingLength = 0;
            }
            chunk = chunk[(end + 1)..];
        }
        Keep(chunk);
        if (_pendingLength < MaxLineBytes)
            return;
        TakeLine(_pending.AsSpan(0, _pendingLength));
        _pendingLength = 0;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (_pending.Length < _pendingLength + part.Length)
            Array.Resize(ref _pending, Math.Max(_pendingLength + part.Length, 2 * _pending.Length));
        part.CopyTo(_pending.AsSpan(_pendingLength));
        _pendingLength += part.Length;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith(mark))
        {
            Deliver(line);
            return;
        }
        // What was printed last may lack its line end.
        if (line.Length > mark.Length)
            Deliver(line[..^mark.Length]);
        LogSink? sink;
        lock (_lock)
            _sinks.TryDequeue(out sink);
        sink?.EndStream();
    }

    private void Deliver(ReadOnlySpan<byte> line)
    {
        LogSink? sink;
        lock (_lock)
            _sinks.TryPeek(out sink);
        // Between activations only processes that the action left behind print; nobody asked for it.
        sink?.Add(stream, line is [.. var text, (byte)'\r'] ? text : line);
    }

    private void End()
    {
        if (_pendingLength > 0)
            Deliver(_pending.AsSpan(0, _pendingLength));
        List<LogSink> open;
        lock (_lock)
        {
            _ended = true;
            open = [.. _sinks];
            _sinks.Clear();
        }
        open.ForEach(s => s.EndStream());
    }
}
