using System.Globalization;
using Orchestration.Core.Facts;
using Orchestration.Host.Terminals;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestration.Host.Progress;

/// <summary>A line with a bar for each step, redrawn ten times a second; failures and retries scroll by above it.</summary>
internal sealed class LiveProgress : IProgressView
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly RunProgress _progress = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _drawing;

    public LiveProgress(Terminal terminal, TimeProvider clock)
    {
        (_terminal, _clock) = (terminal, clock);
        _drawing = DrawAsync();
    }

    public void Show(Fact fact, bool isNew)
    {
        string? trouble;
        lock (_gate)
        {
            _progress.Apply(fact);
            trouble = ProgressLines.Trouble(fact, _progress);
        }
        if (isNew && trouble is not null)
            _terminal.Complain(trouble);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private async Task DrawAsync()
    {
        using var live = _terminal.GoLive();
        using var timer = new PeriodicTimer(Redraw, _clock);
        await _terminal.Rich.Live(new Text("")).StartAsync(async context =>
        {
            try
            {
                do
                    context.UpdateTarget(Render());
                while (await timer.WaitForNextTickAsync(_end.Token));
            }
            catch (OperationCanceledException)
            {
                context.UpdateTarget(Render());
            }
        });
    }

    private IRenderable Render()
    {
        lock (_gate)
        {
            var steps = _progress.Steps;
            if (steps.Count == 0)
                return new Text("starting ...");
            var most = Math.Max(3, _terminal.Rich.Profile.Height - 4);
            // What runs matters most when not all steps fit on the screen; the order of the file is kept.
            var shown = steps.Count <= most ? steps : [.. steps.OrderBy(s => s.IsActive ? 0 : s.Failed > 0 ? 1 : s.EndedAt is null ? 2 : 3).Take(most - 1)];
            var grid = new Grid().AddColumns(4);
            foreach (var step in steps.Where(shown.Contains))
                grid.AddRow(new Markup(Mark(step)), new Text(Humanize.Shorten(step.Id, 24)), new Markup(Bar(step)), new Markup(Counts(step)));
            return shown.Count == steps.Count ? grid : new Rows(grid, new Text($"… and {steps.Count - shown.Count} more steps"));
        }
    }

    private static string Mark(StepProgress step) => step switch
    {
        { Count: null } => "[dim]·[/]",
        { Failed: > 0 } => "[red]✗[/]",
        { EndedAt: not null } => "[green]✓[/]",
        _ => "[blue]▸[/]",
    };

    private static string Bar(StepProgress step)
    {
        if (step.Count is not { } count)
            return $"[dim]{new string('─', BarWidth)}[/]";
        var green = count == 0 ? BarWidth : (int)((long)step.Succeeded * BarWidth / count);
        var red = count == 0 ? 0 : (int)(((long)step.Failed * BarWidth + count - 1) / count);
        red = Math.Min(red, BarWidth - green);
        return $"[green]{new string('━', green)}[/][red]{new string('━', red)}[/][dim]{new string('─', BarWidth - green - red)}[/]";
    }

    private string Counts(StepProgress step)
    {
        if (step.Count is not { } count)
            return "[dim]waiting[/]";
        var text = string.Create(CultureInfo.InvariantCulture, $"{step.Succeeded}/{count}");
        if (step.Failed > 0)
            text += $" [red]{step.Failed} failed[/]";
        if (step.Retrying > 0)
            text += $" [yellow]{step.Retrying} retrying[/]";
        if (step.Running > 0)
            text += $" {step.Running} running";
        return $"{text} [dim]{Humanize.Duration((step.EndedAt ?? _clock.GetUtcNow()) - step.StartedAt)}[/]";
    }
}
