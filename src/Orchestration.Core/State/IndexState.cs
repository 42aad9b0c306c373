using System.Collections.Immutable;
using Orchestration.Core.Identity;

namespace Orchestration.Core.State;

/// <summary>Which orchestrations are unfinished, and since when they may sleep.</summary>
/// <param name="Entries">The unfinished ones.</param>
public sealed record IndexState(ImmutableDictionary<OrchestrationId, IndexEntry> Entries)
{
    /// <summary>None.</summary>
    public static IndexState Empty { get; } = new(ImmutableDictionary<OrchestrationId, IndexEntry>.Empty);

    /// <summary>Applies a change.</summary>
    /// <param name="change">What happened.</param>
    /// <returns>The index after it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The change's type is not known.</exception>
    public IndexState Apply(IndexChange change) => change switch
    {
        IndexChange.Added c => new IndexState(Entries.SetItem(c.Id, new IndexEntry(null, null))),
        IndexChange.Slept c => Entries.ContainsKey(c.Id) ? new IndexState(Entries.SetItem(c.Id, new IndexEntry(c.Until, null))) : this,
        IndexChange.Quarantined c => Entries.ContainsKey(c.Id) ? new IndexState(Entries.SetItem(c.Id, new IndexEntry(null, c.Reason))) : this,
        IndexChange.Released c => Entries.ContainsKey(c.Id) ? new IndexState(Entries.SetItem(c.Id, new IndexEntry(null, null))) : this,
        IndexChange.Removed c => new IndexState(Entries.Remove(c.Id)),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change.GetType().Name, "No such change."),
    };
}

/// <summary>One unfinished orchestration.</summary>
/// <param name="SleepsUntil">It has left memory until then; null while it is to be kept alive.</param>
/// <param name="Quarantine">Why it is not restarted any more; null when it is not in quarantine.</param>
public sealed record IndexEntry(DateTimeOffset? SleepsUntil, string? Quarantine);

/// <summary>A change of the index, stored.</summary>
/// <param name="Id">Which orchestration.</param>
public abstract record IndexChange(OrchestrationId Id)
{
    /// <summary>It is unfinished from here on.</summary>
    /// <param name="Id">Which orchestration.</param>
    public sealed record Added(OrchestrationId Id) : IndexChange(Id);

    /// <summary>It has left memory.</summary>
    /// <param name="Id">Which orchestration.</param>
    /// <param name="Until">When to wake it.</param>
    public sealed record Slept(OrchestrationId Id, DateTimeOffset Until) : IndexChange(Id);

    /// <summary>It failed to recover too often.</summary>
    /// <param name="Id">Which orchestration.</param>
    /// <param name="Reason">The last failure.</param>
    public sealed record Quarantined(OrchestrationId Id, string Reason) : IndexChange(Id);

    /// <summary>A person lets it out of quarantine.</summary>
    /// <param name="Id">Which orchestration.</param>
    public sealed record Released(OrchestrationId Id) : IndexChange(Id);

    /// <summary>It has ended and the catalog knows.</summary>
    /// <param name="Id">Which orchestration.</param>
    public sealed record Removed(OrchestrationId Id) : IndexChange(Id);
}
