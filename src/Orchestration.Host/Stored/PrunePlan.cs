using Orchestration.Core.Ports;

namespace Orchestration.Host.Stored;

/// <summary>A run that is old enough to be removed.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsRecorded">Whether the Python system recorded it.</param>
/// <param name="Amount">How much of it is stored.</param>
internal sealed record OldRun(RunSummary Run, bool IsRecorded, StoredAmount Amount);

/// <summary>Why an old run stays.</summary>
internal enum KeepReason
{
    /// <summary>An object that it made exists.</summary>
    ObjectExists,

    /// <summary>A run that stays was made from an object of it.</summary>
    ObjectWasRead,

    /// <summary>Its objects could not be looked for.</summary>
    ObjectsUnknown,

    /// <summary>What is stored of it cannot be read.</summary>
    Damaged,

    /// <summary>A process works on it.</summary>
    InUse,
}

/// <summary>An old run that stays.</summary>
/// <param name="Run">The run.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">The object, or what went wrong.</param>
internal sealed record KeptRun(RunSummary Run, KeepReason Reason, string Detail);

/// <summary>Which runs go and which stay.</summary>
/// <param name="Removed">Those that go.</param>
/// <param name="Kept">Those that are old enough and stay.</param>
internal sealed record PrunePlan(IReadOnlyList<OldRun> Removed, IReadOnlyList<KeptRun> Kept)
{
    /// <summary>How much goes.</summary>
    public StoredAmount Total => Removed.Aggregate(default(StoredAmount), (sum, run) => sum + run.Amount);
}
