namespace Orchestration.LocalWhisk;

/// <summary>How many activations ran at once since the server started; a copy taken at one moment.</summary>
/// <param name="Running">Activations that have a process now.</param>
/// <param name="PeakRunning">The greatest number of activations that had a process at the same time.</param>
/// <param name="Waiting">Activations accepted that wait for a process now.</param>
/// <param name="PerAction">The same per action name, for every action invoked since the start.</param>
public sealed record LocalWhiskMetrics(
    int Running, int PeakRunning, int Waiting, IReadOnlyDictionary<string, LocalWhiskActionMetrics> PerAction);

/// <summary>One action's part of <see cref="LocalWhiskMetrics"/>.</summary>
/// <param name="Running">Activations of the action that have a process now.</param>
/// <param name="PeakRunning">The greatest number of its activations that had a process at the same time.</param>
/// <param name="Invocations">Activations of the action that were given a process.</param>
public sealed record LocalWhiskActionMetrics(int Running, int PeakRunning, long Invocations);
