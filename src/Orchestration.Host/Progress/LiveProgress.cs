using Orchestration.Core.Facts;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>A line with a bar for each step, redrawn ten times a second; what goes wrong scrolls by above it.</summary>
internal sealed class LiveProgress : IProgressView
{
    private readonly Terminal _terminal;
    private readonly RunLimits? _limits;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly ProgressLog _log;
    private readonly Ticks _ticks;
    private readonly IDisposable _live;

    public LiveProgress(Terminal terminal, RunLimits? limits, TimeLeft? left, TimeProvider clock)
    {
        (_terminal, _limits, _clock) = (terminal, limits, clock);
        _log = new ProgressLog(limits, left);
        _live = terminal.GoLive();
        _ticks = new Ticks(TimeSpan.FromMilliseconds(100), clock, Draw);
    }

    public void Show(Fact fact, bool isNew)
    {
        IReadOnlyList<LogLine> lines;
        lock (_gate)
            lines = _log.Take(fact);
        if (isNew)
            Complain(lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _ticks.DisposeAsync();
        Draw();
        _live.Dispose();
    }

    private void Draw()
    {
        IReadOnlyList<LogLine> lines;
        IReadOnlyList<IReadOnlyList<Piece>> screen;
        lock (_gate)
        {
            lines = _log.Tick(_clock.GetUtcNow());
            screen = ProgressScreen.Lines(_log.Progress, _limits, _log.TimeLeft(_clock.GetUtcNow()), _clock.GetUtcNow(), _terminal.Rich.Profile.Width, _terminal.Rich.Profile.Height);
        }
        Complain(lines);
        _terminal.Redraw(screen);
    }

    // How steps begin, go on and end is what the bars show.
    private void Complain(IEnumerable<LogLine> lines)
    {
        foreach (var line in lines.Where(l => l.IsTrouble))
            _terminal.Complain(line.Text);
    }
}
