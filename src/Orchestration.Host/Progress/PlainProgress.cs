using Orchestration.Core.Facts;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>Lines for logs and pipes.</summary>
internal sealed class PlainProgress : IProgressView
{
    private readonly Terminal _terminal;
    private readonly Lock _gate = new();
    private readonly ProgressLog _log;
    private readonly Ticks _ticks;

    public PlainProgress(Terminal terminal, RunLimits? limits, TimeLeft? left, TimeProvider clock)
    {
        _terminal = terminal;
        _log = new ProgressLog(limits, left);
        _ticks = new Ticks(TimeSpan.FromSeconds(1), clock, () =>
        {
            lock (_gate)
                Say(_log.Tick(clock.GetUtcNow()));
        });
    }

    public void Show(Fact fact, bool isNew)
    {
        lock (_gate)
        {
            var lines = _log.Take(fact);
            if (isNew)
                Say(lines);
        }
    }

    public ValueTask DisposeAsync() => _ticks.DisposeAsync();

    private void Say(IEnumerable<LogLine> lines)
    {
        foreach (var line in lines)
            _terminal.Note(line.Text);
    }
}
