using Orchestration.Core.Identity;
using Orchestration.Core.State;

namespace Orchestration.Core.Ports;

/// <summary>
/// Who owns which unfinished orchestration, where several processes work on one storage; as seen by one of them. A lease is live while its holder
/// renews it; all times are the storage's, so the processes' clocks need not agree. Leases keep processes from working against each other, and the
/// list of them is what is unfinished. That nothing is stored by two is the journal's doing, which takes a sequence number once.
/// </summary>
public interface ILeaseStore
{
    /// <summary>How long a lease lives on without being renewed.</summary>
    TimeSpan Duration { get; }

    /// <summary>Takes the lease of an orchestration, unless another process's is live. Whoever gets it has it awake and out of quarantine.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="takeOver">Whether to take a live one too; its holder notices when it renews or stores something.</param>
    /// <param name="cancellation">Gives up; the lease may be taken.</param>
    /// <returns>The lease in force: this process's (<see cref="Lease.IsOurs"/>), or the live one of another.</returns>
    Task<Lease> AcquireAsync(OrchestrationId id, bool takeOver, CancellationToken cancellation);

    /// <summary>Renews all leases of this process.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Which ones it holds. One that was acquired before the call and is missing was taken by another process.</returns>
    Task<IReadOnlySet<OrchestrationId>> RenewAsync(CancellationToken cancellation);

    /// <summary>Notes that an orchestration of this process sleeps or is in quarantine. One in quarantine is nobody's any more.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="entry">What holds for it; nothing changes when another process has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when it is noted.</returns>
    Task NoteAsync(OrchestrationId id, IndexEntry entry, CancellationToken cancellation);

    /// <summary>Removes an orchestration that has ended; nothing changes when another process has it.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when it is removed.</returns>
    Task RemoveAsync(OrchestrationId id, CancellationToken cancellation);

    /// <summary>Gives leases back; the orchestrations stay unfinished, and any process may take them.</summary>
    /// <param name="id">Which one; null: all of this process.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A task that ends when they are free.</returns>
    Task ReleaseAsync(OrchestrationId? id, CancellationToken cancellation);

    /// <summary>Looks at one lease.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The lease; null when the orchestration has ended or was never started.</returns>
    Task<Lease?> FindAsync(OrchestrationId id, CancellationToken cancellation);

    /// <summary>Lists what is unfinished.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>All leases, live or not.</returns>
    Task<IReadOnlyList<Lease>> ListAsync(CancellationToken cancellation);
}

/// <summary>A process that holds leases.</summary>
/// <param name="Process">Names the process among all of all times.</param>
/// <param name="Host">The machine's name, for people.</param>
/// <param name="Pid">Its process id there.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Machine">Names the space of process ids, so that a process on the same machine can be looked for; empty where there is no such name.</param>
public sealed record LeaseHolder(string Process, string Host, int Pid, DateTimeOffset Since, string Machine);

/// <summary>Who has an unfinished orchestration.</summary>
/// <param name="Id">The orchestration.</param>
/// <param name="Holder">Who has it, or had it last; null when it was given back.</param>
/// <param name="Until">When the lease runs out unless it is renewed, UTC by the storage's clock.</param>
/// <param name="IsLive">Whether it has not run out, and its holder is not known to be gone.</param>
/// <param name="IsOurs">Whether the process that asked holds it.</param>
/// <param name="Entry">Whether the orchestration sleeps or is in quarantine.</param>
public sealed record Lease(OrchestrationId Id, LeaseHolder? Holder, DateTimeOffset Until, bool IsLive, bool IsOurs, IndexEntry Entry)
{
    /// <summary>Who has it and until when, for people; such as <c>owned by web-1, pid 4711, until 2026-11-26 07:12:03 UTC</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"owned by {Holder?.Host ?? "nobody"}, pid {Holder?.Pid}, until {Until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
}
