using System.Globalization;
using System.Text;

namespace Orchestration.LocalWhisk.Running;

/// <summary>The log of one activation: lines of both streams in the order they arrived, up to the action's limit.</summary>
internal sealed class LogSink(long limitBytes)
{
    // OpenWhisk's time stamps have nine digits; .NET's clock gives seven.
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffffff'00Z'";
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private int _openStreams = 2;
    private bool _closed;

    /// <summary>Ends when both streams have shown the activation's end mark, or have ended themselves.</summary>
    public Task Ended => _ended.Task;

    public void Add(string stream, ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            if (_closed || limitBytes == 0)
                return;
            _bytes += text.Length;
            if (_bytes > limitBytes)
            {
                _closed = true;
                _lines.Add(Format("stderr", $"Logs were truncated because the total bytes size exceeds the limit of {limitBytes} bytes."));
                return;
            }
            _lines.Add(Format(stream, Encoding.UTF8.GetString(text)));
        }
    }

    public void EndStream()
    {
        lock (_lock)
        {
            if (--_openStreams > 0)
                return;
        }
        _ended.TrySetResult();
    }

    /// <summary>Takes no more lines and returns those there are.</summary>
    /// <param name="complaint">A last line about the log itself, if there is reason for one.</param>
    public IReadOnlyList<string> Close(string? complaint)
    {
        lock (_lock)
        {
            if (complaint is not null && !_closed && limitBytes > 0)
                _lines.Add(Format("stderr", complaint));
            _closed = true;
            return _lines;
        }
    }

    private static string Format(string stream, string text) =>
        string.Concat(DateTime.UtcNow.ToString(TimeFormat, CultureInfo.InvariantCulture), " ", stream, ": ", text);
}
