using Orchestration.Core.Identity;

namespace Orchestration.Actors.Client;

/// <summary>Which orchestrations of a node run, and which wait for a place.</summary>
/// <param name="Most">How many may run at once; null for any number.</param>
/// <param name="Running">Those that have a place, by id; empty when any number may run.</param>
/// <param name="Waiting">Those that wait, in the order in which they are admitted.</param>
public sealed record AdmissionView(int? Most, IReadOnlyList<OrchestrationId> Running, IReadOnlyList<OrchestrationId> Waiting);
