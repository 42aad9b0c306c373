namespace Orchestration.Host.Progress;

/// <summary>Does something at intervals, never twice at once, until it is disposed.</summary>
internal sealed class Ticks : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _ticking;

    public Ticks(TimeSpan interval, TimeProvider clock, Action work) => _ticking = TickAsync(interval, clock, work);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ticking;
        _end.Dispose();
    }

    private async Task TickAsync(TimeSpan interval, TimeProvider clock, Action work)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                work();
        }
        catch (OperationCanceledException)
        {
            // This is how it ends.
        }
    }
}
