using Orchestration.Core.Costs;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.Reports;
using Orchestration.Core.SharedObjects;
using Orchestration.Core.State;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Stored;

/// <summary>The stored runs, read beside whichever process writes them.</summary>
internal sealed class StoredRuns(RunStorage storage) : IDisposable
{
    private const int Recent = 5;

    private readonly IRunHistory _history = storage.OpenHistory();

    /// <summary>The ids that begin so, newest first.</summary>
    public IReadOnlyList<OrchestrationId> Find(string idPrefix, int limit) => _history.FindIds(idPrefix, limit);

    /// <summary>The one run that is meant.</summary>
    /// <param name="idOrPrefix">Its id, or the beginning of it when no other id begins so.</param>
    /// <exception cref="CommandException">There is none, or more than one; the message lists recent ones.</exception>
    /// <exception cref="DamagedRunException">The catalog knows it, and its journal does not.</exception>
    public OrchestrationId Resolve(string idOrPrefix)
    {
        var text = idOrPrefix.Trim().ToLowerInvariant();
        var found = text.Length > 0 && text.All(char.IsAsciiHexDigit) ? Find(text, Recent + 1) : [];
        return found.Count switch
        {
            1 => found[0],
            0 when Beheaded(text) is { } id => throw Damaged(id, "row 1 of its journal is missing."),
            0 => throw CommandException.Usage($"There is no run '{Humanize.Shorten(idOrPrefix, 60)}' in {storage.Name}. {RecentOnes()}"),
            _ => throw CommandException.Usage($"'{text}' is the beginning of several runs: {string.Join(", ", found.Take(Recent))}{(found.Count > Recent ? ", …" : "")}. Give more digits."),
        };
    }

    /// <summary>How a run was started.</summary>
    /// <exception cref="DamagedRunException">What is stored of it is damaged.</exception>
    public OrchestrationStarted ReadStart(OrchestrationId id) =>
        ReadCommits(id, 1).SelectMany(c => c.Commit.Facts).OfType<OrchestrationStarted>().FirstOrDefault() ?? throw Damaged(id, "its journal does not begin with its start.");

    /// <summary>What is stored of a run, in order; nothing when its journal holds nothing of it.</summary>
    /// <exception cref="DamagedRunException">What is stored of it is damaged.</exception>
    public IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id) => ReadCommits(id, int.MaxValue);

    /// <exception cref="DamagedRunException">What is stored of it is damaged.</exception>
    public OrchestrationReport ReadReport(OrchestrationId id)
    {
        var commits = ReadCommits(id);
        if (commits.Count > 0 || _history.ReadRecorded(id) is not { } recorded)
            return Fold(id, commits);
        var report = OrchestrationReport.From(id, [recorded]);
        return report.Status == OrchestrationStatus.Running ? report with { Status = OrchestrationStatus.Unknown } : report;
    }

    /// <summary>All that is stored of a run, whichever system ran it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="limit">At most so many rows.</param>
    /// <exception cref="DamagedRunException">What is stored of it is damaged.</exception>
    public StoredRun ReadHistory(OrchestrationId id, int limit)
    {
        var rows = ReadCommits(id, limit);
        return new StoredRun(rows, rows.Count == 0 ? _history.ReadRecorded(id) : null, _history.ReadRecordedFigures(id));
    }

    /// <summary>What the Python system recorded of a run; null for any other run.</summary>
    public Commit? ReadRecorded(OrchestrationId id) => _history.ReadRecorded(id);

    /// <summary>The numbers of a run that costs and predictions come from.</summary>
    public RunFigures ReadFigures(OrchestrationId id) => RunFigures.Of(ReadReport(id), _history.ReadRecordedFigures(id));

    /// <summary>All runs in the catalog, which may be behind.</summary>
    public Task<IReadOnlyList<RunSummary>> ReadCatalogAsync(CancellationToken cancellation) => _history.ReadCatalogAsync(cancellation);

    /// <summary>Whether a run that <see cref="Find"/> does not give is unfinished and has rows here. One without any belongs to another journal with the same catalog.</summary>
    /// <param name="run">What the catalog knows of it.</param>
    public bool HasLostBeginning(RunSummary run)
    {
        if (RunList.HasEnded(run))
            return false;
        try
        {
            return _history.ReadCommits(run.Id, 1) is [{ SequenceNr: > 1 }, ..];
        }
        catch (FormatException)
        {
            return true;
        }
    }

    /// <summary>Who wrote and read which object of a run.</summary>
    public Lineage ReadLineage(OrchestrationId id)
    {
        var lineage = new Lineage();
        foreach (var commit in ReadCommits(id))
            lineage.Add(commit.Commit);
        return lineage;
    }

    /// <summary>Who has written an object that has several writers, by its mailbox.</summary>
    public WriteQueueState ReadWriters(string store, ObjectKey key) => _history.ReadWriters(store, key);

    /// <summary>The latest writers of objects over all runs, as far as the catalog knows.</summary>
    public Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> FindWritersAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellation) => _history.FindWritersAsync(keys, cancellation);

    /// <summary>Who works on a run that has not ended, for people; null when no process does.</summary>
    public string? OwnerOf(OrchestrationId id) => _history.OwnerOf(id);

    /// <summary>What a person reads as the status.</summary>
    public string StatusOf(OrchestrationId id, OrchestrationStatus status) =>
        status == OrchestrationStatus.Running && OwnerOf(id) is null ? "interrupted" : ReportJson.NameOf(status);

    public void Dispose() => _history.Dispose();

    // A run is found by the first row of its journal. Whoever asks has nothing else to do meanwhile.
    private OrchestrationId? Beheaded(string idPrefix) => idPrefix.Length == 0 ? null
        : ReadCatalogAsync(CancellationToken.None).GetAwaiter().GetResult()
            .Where(run => run.Id.Value.StartsWith(idPrefix, StringComparison.Ordinal) && HasLostBeginning(run)).Select(run => (OrchestrationId?)run.Id).FirstOrDefault();

    private IReadOnlyList<StoredCommit> ReadCommits(OrchestrationId id, int limit)
    {
        IReadOnlyList<StoredCommit> commits;
        try
        {
            commits = _history.ReadCommits(id, limit);
        }
        catch (FormatException e)
        {
            throw Damaged(id, e.Message, e);
        }

        for (var i = 0; i < commits.Count; i++)
            if (commits[i].SequenceNr != i + 1)
                throw Damaged(id, $"row {i + 1} of its journal is missing.");
        return commits;
    }

    private OrchestrationReport Fold(OrchestrationId id, IReadOnlyList<StoredCommit> commits)
    {
        try
        {
            return OrchestrationReport.From(id, commits.Select(c => c.Commit));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw Damaged(id, $"the rows of its journal do not fit together ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private DamagedRunException Damaged(OrchestrationId id, string damage, Exception? inner = null) => new(id, damage.EndsWith('.') ? damage : damage + ".", storage.Name, inner);

    private string RecentOnes()
    {
        var recent = Find("", Recent);
        return recent.Count == 0
            ? $"No run is stored there; {storage.OptionNames} names another place."
            : $"The latest are: {string.Join(", ", recent)}. All: {CommandName.Runs("list", storage)}";
    }
}
