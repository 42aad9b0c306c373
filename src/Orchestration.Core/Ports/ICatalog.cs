using Orchestration.Core.Facts;
using Orchestration.Core.Identity;

namespace Orchestration.Core.Ports;

/// <summary>
/// What is asked across orchestrations. A projection of the journal with a cursor per orchestration, never on the critical path:
/// its owner hands it commits until they are acknowledged, and after a loss it is rebuilt from the journal.
/// </summary>
public interface ICatalog
{
    /// <summary>How far an orchestration has been projected.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The sequence number of the last commit applied; 0 when none was.</returns>
    Task<long> GetCursorAsync(OrchestrationId id, CancellationToken cancellation);

    /// <summary>Applies commits in order. Commits up to the cursor are passed over, so repeating a call changes nothing.</summary>
    /// <param name="batches">For each orchestration its commits in order; each orchestration once.</param>
    /// <param name="cancellation">Gives up; then nothing was applied.</param>
    /// <returns>A task that ends when all is stored.</returns>
    /// <exception cref="InvalidOperationException">A commit is further than one behind its orchestration's cursor: what lies between must be applied first. Nothing was applied.</exception>
    Task ApplyAsync(IReadOnlyList<CatalogBatch> batches, CancellationToken cancellation);

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The runs.</returns>
    Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunQuery query, CancellationToken cancellation);
}

/// <summary>Commits of one orchestration to apply.</summary>
/// <param name="Id">The orchestration.</param>
/// <param name="Commits">Its commits, by sequence number without a gap.</param>
public sealed record CatalogBatch(OrchestrationId Id, IReadOnlyList<StoredCommit> Commits);

/// <summary>Which runs to list.</summary>
/// <param name="IdPrefix">Only ids that begin so; null for all.</param>
/// <param name="Name">Only runs of this name; null for all.</param>
/// <param name="Status">Only runs of this status (<c>running</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c>, <c>unknown</c>); null for all.</param>
/// <param name="Limit">At most so many.</param>
public sealed record RunQuery(string? IdPrefix = null, string? Name = null, string? Status = null, int Limit = 100);

/// <summary>One run in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status"><c>running</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>; <c>running</c> also for one that waits to be resumed; <c>unknown</c> for one that another system recorded without an end.</param>
/// <param name="StartedAt">When it started, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC; null while it has not.</param>
/// <param name="Actions">How many actions were added.</param>
/// <param name="Succeeded">How many have succeeded.</param>
/// <param name="Failed">How many have failed for good.</param>
/// <param name="Attempts">How many attempts were started.</param>
/// <param name="ActionTime">Seconds, summed over the ended attempts: the platform's duration, or where it is unknown the time from start to end here.</param>
/// <param name="Error">Why it failed or was cancelled; null when it did not.</param>
public sealed record RunSummary(OrchestrationId Id, string Name, string Status, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, int Actions, int Succeeded, int Failed, int Attempts, double ActionTime, string? Error);
