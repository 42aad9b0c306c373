using Orchestration.Actors.Client;
using Orchestration.Core.Scheduling;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>
/// Tells when invocations are held back by OpenWhisk's limit per minute, or by an OpenWhisk that does not answer: a line each time that this begins or its limit changes.
/// That activations in flight are bounded is what the steps' own lines show.
/// </summary>
internal sealed class PacingNotes : IAsyncDisposable
{
    private readonly Func<Task<PacingSnapshot>> _look;
    private readonly Action<string> _say;
    private readonly Ticks _ticks;
    private Task _looking = Task.CompletedTask;
    private string? _said;

    public PacingNotes(IOrchestrationClient client, Terminal terminal, TimeProvider clock)
        : this(() => client.GetPacingAsync(), terminal.Complain, clock)
    {
    }

    internal PacingNotes(Func<Task<PacingSnapshot>> look, Action<string> say, TimeProvider clock)
    {
        (_look, _say) = (look, say);
        _ticks = new Ticks(TimeSpan.FromSeconds(1), clock, () =>
        {
            if (_looking.IsCompleted)
                _looking = TellAsync();
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _ticks.DisposeAsync();
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellAsync()
    {
        var pacing = await _look();
        // While the limit stands, a minute that has room again is no news.
        if (pacing.Bound is not (PacingBound.PerMinute or PacingBound.Unavailable) || pacing.ToText() is not { } text || text == _said)
            return;
        _said = text;
        _say(pacing.Bound == PacingBound.PerMinute ? $"{text} (OpenWhisk's limit of the namespace)" : text);
    }
}
