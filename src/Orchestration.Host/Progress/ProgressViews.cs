using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>Chooses how a run is shown.</summary>
internal static class ProgressViews
{
    /// <summary>Bars on a terminal, lines elsewhere.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="limits">What bounds the run; null when that is not known.</param>
    /// <param name="left">Tells how long it still takes; null when nothing can.</param>
    public static IProgressView Open(Terminal terminal, RunLimits? limits, TimeLeft? left = null) =>
        terminal.IsInteractive ? new LiveProgress(terminal, limits, left, TimeProvider.System) : new PlainProgress(terminal, limits, left, TimeProvider.System);
}
