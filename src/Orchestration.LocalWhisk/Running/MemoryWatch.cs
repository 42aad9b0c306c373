using System.Globalization;

namespace Orchestration.LocalWhisk.Running;

/// <summary>
/// Ends action processes that, with what they started, hold more memory than their action's limit. There are no containers here that could refuse it,
/// so it is looked at several times a second: what is gone before the next look is not seen. On Linux only, by <c>/proc</c>.
/// </summary>
internal sealed class MemoryWatch(ProcessPool pool) : IAsyncDisposable
{
    private const string Processes = "/proc";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    public void Start() => _watching = OperatingSystem.IsLinux() ? WatchAsync() : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    /// <summary>Reads a line of <c>/proc/PID/stat</c> (source: proc_pid_stat(5)).</summary>
    /// <param name="stat">The line.</param>
    /// <returns>The process group, and the resident memory in pages; null when the line is none.</returns>
    internal static (int Group, long Pages)? Read(string stat)
    {
        // The name in parentheses may hold anything, parentheses and spaces too.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 21 && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var group)
            && long.TryParse(fields[21], NumberStyles.None, CultureInfo.InvariantCulture, out var pages) ? (group, pages) : null;
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Look()
    {
        var live = pool.Live.OfType<ActionProcess>().ToList();
        if (live.Count == 0)
            return;
        var held = PagesByGroup();
        foreach (var process in live)
            if (held.TryGetValue(process.Id, out var pages) && pages * Environment.SystemPageSize > process.Action.Limits.Memory * 1024L * 1024L)
                process.EndForMemory();
    }

    private static Dictionary<int, long> PagesByGroup()
    {
        var pages = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories(Processes))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                continue;
            try
            {
                if (Read(File.ReadAllText(Path.Combine(folder, "stat"))) is { } found)
                    pages[found.Group] = pages.GetValueOrDefault(found.Group) + found.Pages;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return pages;
    }
}
