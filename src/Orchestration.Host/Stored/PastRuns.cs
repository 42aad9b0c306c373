using Orchestration.Core.Costs;
using Orchestration.Core.Ports;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Stored;

/// <summary>Reads the numbers of past runs, the newest first.</summary>
internal static class PastRuns
{
    /// <summary>The most runs that are read when nobody says otherwise.</summary>
    public const int DefaultLimit = 200;

    /// <summary>Reads those that have ended.</summary>
    /// <param name="storage">Where they are.</param>
    /// <param name="name">Only runs of this name; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandException">There is no run of the name that has ended; the message tells the names that there are.</exception>
    public static async Task<IReadOnlyList<RunFigures>> ReadAsync(RunStorage storage, string? name, int limit, CancellationToken cancellation)
    {
        var listed = await storage.ListRunsAsync(new RunQuery(Name: name, Limit: int.MaxValue), RunPage.All, cancellation);
        var ended = listed.Where(r => r.FinishedAt is not null).Take(limit).ToList();
        if (ended.Count == 0)
            throw CommandException.Failure(await DescribeAsync(storage, name, listed.Count, cancellation));
        using var runs = new StoredRuns(storage);
        return [.. ended.Select(r => runs.ReadFigures(r.Id))];
    }

    private static async Task<string> DescribeAsync(RunStorage storage, string? name, int unended, CancellationToken cancellation)
    {
        if (unended > 0)
            return $"None of the {Humanize.Count(unended, "run")}{(name is null ? "" : $" of '{Humanize.Shorten(name, 60)}'")} in {storage.Name} has an end, and only an ended run tells what it took. {CommandName.Runs("list", storage)} shows them.";
        var all = await storage.ListRunsAsync(new RunQuery(Limit: int.MaxValue), RunPage.All, cancellation);
        var names = all.Select(r => r.Name).Where(n => n.Length > 0).Distinct().Take(20).ToList();
        return name is null || names.Count == 0
            ? $"No run is stored in {storage.Name}; {storage.OptionNames} names another place."
            : $"No run of '{Humanize.Shorten(name, 60)}' is stored in {storage.Name}{NearestName.SuggestOrStop(name, names)} There are runs of: {string.Join(", ", names)}.";
    }
}
