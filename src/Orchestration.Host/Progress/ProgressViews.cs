using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>Chooses how a run is shown.</summary>
internal static class ProgressViews
{
    /// <summary>Bars on a terminal, lines elsewhere.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="limits">What bounds the run; null when that is not known.</param>
    public static IProgressView Open(Terminal terminal, RunLimits? limits) =>
        terminal.IsInteractive ? new LiveProgress(terminal, limits, TimeProvider.System) : new PlainProgress(terminal, limits, TimeProvider.System);
}
