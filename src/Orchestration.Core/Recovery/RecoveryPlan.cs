using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Recovery;

/// <summary>An action that ran once and can run again, and what it needs.</summary>
/// <param name="Id">Its id; a re-run keeps it.</param>
/// <param name="Spec">What to invoke, with the retry policy it ran under.</param>
/// <param name="Inputs">The objects it read, but for those that it wrote itself.</param>
/// <param name="Label">How people know it: its name, with its place where its batch has several.</param>
public sealed record LineageAction(ActionId Id, ActionSpec Spec, ImmutableArray<ObjectKey> Inputs, string Label)
{
    /// <summary>Whether its batch says that others may have written its objects too, though it declares none of them.</summary>
    public bool HasSharedBatch { get; init; }

    /// <summary>Whether others may have written an object of its too.</summary>
    /// <param name="key">The object.</param>
    /// <returns>Whether all of its writers are to be asked for.</returns>
    public bool Shares(ObjectKey key) => HasSharedBatch || Spec.Writes.Contains(key);
}

/// <summary>One re-run of a plan.</summary>
/// <param name="Action">What runs again.</param>
/// <param name="After">The jobs of the plan that must succeed before, as places in <see cref="RecoveryPlan.Jobs"/>; all before this one.</param>
/// <param name="Objects">The lost objects that it makes.</param>
public sealed record PlannedJob(LineageAction Action, ImmutableArray<int> After, ImmutableArray<ObjectKey> Objects)
{
    /// <summary>Those of <see cref="Objects"/> that earlier jobs write, and this one writes on.</summary>
    public ImmutableArray<ObjectKey> Onto { get; init; } = [];

    /// <summary>Those of <see cref="Objects"/> that later jobs write on.</summary>
    public ImmutableArray<ObjectKey> Partial { get; init; } = [];
}

/// <summary>Why an object cannot be made again.</summary>
/// <param name="Code">One of the <c>NO_PRODUCER</c> family, see <see cref="RecoveryCodes"/>.</param>
/// <param name="Path">From the object that is at fault along the actions that need it, joined by <c>←</c>.</param>
/// <param name="Remedy">What it means and what helps, a whole sentence.</param>
public sealed record Dead(string Code, string Path, string Remedy);

/// <summary>What the plan does about one of the objects it was asked for.</summary>
/// <param name="Job">The job that makes it, a place in <see cref="RecoveryPlan.Jobs"/>; null when it is there or cannot be made.</param>
/// <param name="Dead">Why it cannot be made; null otherwise.</param>
public readonly record struct KeyPlan(int? Job, Dead? Dead)
{
    /// <summary>The object is there.</summary>
    public static KeyPlan Present => default;
}

/// <summary>The least work that makes lost objects again.</summary>
/// <param name="Jobs">Each producer once, in an order in which they can run.</param>
/// <param name="Keys">What happens to each object that was asked for.</param>
public sealed record RecoveryPlan(ImmutableArray<PlannedJob> Jobs, IReadOnlyDictionary<ObjectKey, KeyPlan> Keys);

/// <summary>The codes of what cannot be made again.</summary>
public static class RecoveryCodes
{
    /// <summary>No known action wrote the object.</summary>
    public const string NoProducer = "NO_PRODUCER";

    /// <summary>Making the object needs the object.</summary>
    public const string Cycle = "RECOVERY_CYCLE";

    /// <summary>Too many producers stand one behind the other.</summary>
    public const string Depth = "RECOVERY_DEPTH";

    /// <summary>The object was made again too often.</summary>
    public const string Chases = "RECOVERY_CHASES";

    /// <summary>The orchestration has used up its re-runs.</summary>
    public const string Budget = "RECOVERY_BUDGET";

    /// <summary>The producer ran again and failed.</summary>
    public const string ProducerFailed = "PRODUCER_FAILED";

    /// <summary>OpenWhisk no longer has the action that made the object.</summary>
    public const string ProducerGone = "PRODUCER_GONE";

    /// <summary>The producer ran again and made something else.</summary>
    public const string ContentChanged = "CONTENT_CHANGED";

    /// <summary>The code by which an action reports a lost object.</summary>
    public const string NoSuchKey = "NoSuchKey";

    /// <summary>Whether a code tells why an object cannot be made again; then it is told on to everything that waits for the object.</summary>
    /// <param name="code">A failure's code.</param>
    /// <returns>Whether it is one of these, but for <see cref="NoSuchKey"/>.</returns>
    public static bool Explains(string? code) =>
        code is NoProducer or Cycle or Depth or Chases or Budget or ProducerFailed or ProducerGone or ContentChanged;
}
