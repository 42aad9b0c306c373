using System.Collections.Immutable;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;

namespace Orchestration.Crash.Tests.Rounds;

/// <summary>What OpenWhisk's record says of one activation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Action">The action's id, as the action printed it; null when it printed nothing, because it was cut short.</param>
/// <param name="Attempt">The attempt's number, as the action printed it.</param>
/// <param name="Success">Whether it succeeded.</param>
/// <param name="Result">What it returned.</param>
internal sealed record Activation(string Id, ActionId? Action, int Attempt, bool Success, JsonBytes Result);

/// <summary>A process's death.</summary>
/// <param name="Seen">The rows that were read while it lived.</param>
/// <param name="Stored">The rows that were there after it.</param>
/// <param name="Told">What it had printed.</param>
internal sealed record Death(ImmutableArray<StoredCommit> Seen, ImmutableArray<StoredCommit> Stored, string Told);

/// <summary>What a round left behind.</summary>
/// <param name="Plan">What was to happen.</param>
/// <param name="PlatformSurvives">Whether OpenWhisk lived on when the host was killed.</param>
/// <param name="Deaths">The kills.</param>
/// <param name="ExitCode">What the last process ended with.</param>
/// <param name="Output">The run's output by its report; null when there was none.</param>
/// <param name="Commits">The rows at the end.</param>
/// <param name="Activations">OpenWhisk's records of this run.</param>
internal sealed record RoundEvidence(
    RoundPlan Plan, bool PlatformSurvives, ImmutableArray<Death> Deaths, int ExitCode, JsonBytes? Output,
    ImmutableArray<StoredCommit> Commits, ImmutableArray<Activation> Activations);
