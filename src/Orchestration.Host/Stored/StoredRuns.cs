using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Terminals;
using Orchestration.Persistence.Sqlite;

namespace Orchestration.Host.Stored;

/// <summary>The runs of a data directory, read beside whichever process writes it.</summary>
internal sealed class StoredRuns : IDisposable
{
    // How the actors name an orchestration in the journal.
    private const string Prefix = "orchestration-";
    private const int Recent = 5;

    private readonly string _dataDirectory;
    private readonly SqliteHistory? _history;

    public StoredRuns(string dataDirectory) => (_dataDirectory, _history) = (dataDirectory, SqliteHistory.Open(dataDirectory));

    /// <summary>The ids that begin so, newest first.</summary>
    public IReadOnlyList<OrchestrationId> Find(string idPrefix, int limit) =>
        [.. (_history?.FindIds(Prefix + idPrefix, limit) ?? []).Select(id => OrchestrationId.TryParse(id[Prefix.Length..], out var parsed) ? parsed : (OrchestrationId?)null).OfType<OrchestrationId>()];

    /// <summary>The one run that is meant.</summary>
    /// <param name="idOrPrefix">Its id, or the beginning of it when no other id begins so.</param>
    /// <exception cref="CommandException">There is none, or more than one; the message lists recent ones.</exception>
    public OrchestrationId Resolve(string idOrPrefix)
    {
        var text = idOrPrefix.Trim().ToLowerInvariant();
        var found = text.Length > 0 && text.All(char.IsAsciiHexDigit) ? Find(text, Recent + 1) : [];
        return found.Count switch
        {
            1 => found[0],
            0 => throw CommandException.Usage($"There is no run '{Humanize.Shorten(idOrPrefix, 60)}' in {_dataDirectory}. {RecentOnes()}"),
            _ => throw CommandException.Usage($"'{text}' is the beginning of several runs: {string.Join(", ", found.Take(Recent))}{(found.Count > Recent ? ", …" : "")}. Give more digits."),
        };
    }

    /// <summary>How a run was started.</summary>
    public OrchestrationStarted ReadStart(OrchestrationId id) =>
        _history!.ReadCommits(Prefix + id, 1).SelectMany(c => c.Commit.Facts).OfType<OrchestrationStarted>().FirstOrDefault()
        ?? throw CommandException.Failure($"The stored run {id} does not begin with its start: the data in {_dataDirectory} is damaged. Restore it from a backup.");

    public OrchestrationReport ReadReport(OrchestrationId id) => OrchestrationReport.From(id, _history!.ReadCommits(Prefix + id).Select(c => c.Commit));

    /// <summary>Whether a process works on a run that has not ended.</summary>
    /// <param name="id">The run.</param>
    public bool IsBeingRun(OrchestrationId id)
    {
        if (LiveOwner.Of(_dataDirectory) is not { } owner)
            return false;
        // A process works only on what it has started or taken over itself, and it had the directory before.
        var taken = _history!.ReadCommits(Prefix + id).SelectMany(c => c.Commit.Facts).Where(f => f is OrchestrationStarted or Resumed).Max(f => f.Time);
        return taken >= owner.Since;
    }

    /// <summary>What a person reads as the status.</summary>
    public string StatusOf(OrchestrationId id, OrchestrationStatus status) =>
        status == OrchestrationStatus.Running && !IsBeingRun(id) ? "interrupted" : ReportJson.NameOf(status);

    public void Dispose() => _history?.Dispose();

    private string RecentOnes()
    {
        var recent = Find("", Recent);
        return recent.Count == 0 ? "No run is stored there; --data-dir names another directory." : $"The latest are: {string.Join(", ", recent)}. All: {CommandName.Runs("list", _dataDirectory)}";
    }
}
