using System.CommandLine;
using Orchestration.Core.Ports;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Stored;
using Orchestration.Host.Terminals;
using Orchestration.Persistence.Sqlite;
using Orchestration.Workflows.Reading;

namespace Orchestration.Host.Commands;

/// <summary><c>runs prune</c>: removes old runs that nothing needs any more.</summary>
internal static class RunsPruneCommand
{
    private static readonly Option<string> OlderThan = new("--older-than") { HelpName = "DURATION", Description = "Only runs that ended so long ago, such as 30d or 12h", Required = true };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be removed, and change nothing" };

    private static readonly Option<bool> IncludeLegacy = new("--include-legacy") { Description = "Also runs that the Python system recorded in MongoDB [default: these are never touched]" };

    private static readonly Option<bool> IncludeDamaged = new("--include-damaged") { Description = "Also runs that cannot be read any more, those without an end by their start [default: they stay]" };

    public static Command Create()
    {
        var command = new Command("prune", "Remove old runs that have ended and are not needed to make existing objects again.")
        {
            OlderThan, DryRun, IncludeLegacy, IncludeDamaged, CommonOptions.ObjectStore, CommonOptions.AccessKey, CommonOptions.SecretKey, CommonOptions.Format, CommonOptions.Json,
        };
        CommonOptions.AddStored(command);
        command.SetAction((line, _) => Invocations.RunAsync(line, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var line = invocation.Line;
        var text = line.GetRequiredValue(OlderThan);
        if (!Durations.TryParse(text, out var age))
            throw CommandException.Usage($"{OlderThan.Name}: '{Humanize.Shorten(text, 60)}' is no duration up to {Durations.LongestText}. Write it like 30d, 12h or 90m.");
        var (isDry, withRecorded) = (line.GetValue(DryRun), line.GetValue(IncludeLegacy));
        var storage = RunStorage.Of(invocation.Settings);
        if (!isDry)
            await storage.PrepareAsync(invocation.Interruption);
        await using var pruning = Open(storage, isDry);
        using var runs = new StoredRuns(storage);
        var plan = await new PrunePlanner(runs, storage, pruning, invocation.Settings).MakeAsync(DateTimeOffset.UtcNow - age, withRecorded, line.GetValue(IncludeDamaged), invocation.Interruption);
        (long Before, long After)? files = null;
        if (!isDry && plan.Removed.Count > 0)
        {
            plan = await RemoveAsync(pruning, plan, invocation.Interruption);
            files = await pruning.CompactAsync(invocation.Interruption);
        }

        if (invocation.Format != OutputFormat.Table)
            Terminal.PrintDocument(PruneTable.ToJson(plan, isDry, files), invocation.Format);
        else
            PruneTable.Print(plan, isDry, files, invocation.Terminal);
        return plan.Kept.Any(k => k.Reason == KeepReason.ObjectsUnknown) ? ExitCodes.Failed : ExitCodes.Completed;
    }

    private static IRunPruning Open(RunStorage storage, bool isDry)
    {
        try
        {
            return storage.OpenPruning(isDry);
        }
        catch (DataDirectoryException e) when (e.IsInUse)
        {
            var owner = DataDirectory.ReadOwner(e.Directory);
            throw CommandException.Failure(
                FormattableString.Invariant($"Process {owner?.Pid} works on {e.Directory}, and removing runs needs the directory for itself. Wait until that process is done; {DryRun.Name} shows meanwhile what would be removed."), e);
        }
    }

    private static async Task<PrunePlan> RemoveAsync(IRunPruning pruning, PrunePlan plan, CancellationToken cancellation)
    {
        var (removed, kept) = (new List<OldRun>(), plan.Kept.ToList());
        foreach (var old in plan.Removed)
        {
            if (old.IsRecorded)
                await pruning.RemoveRecordedAsync(old.Run.Id, cancellation);
            else if (!await pruning.RemoveAsync(old.Run.Id, JournalNames.Of(old.Run.Id), old.Amount.Rows, cancellation))
            {
                kept.Add(new KeptRun(old.Run, KeepReason.InUse, "another process works on it"));
                continue;
            }

            removed.Add(old);
        }

        return new PrunePlan(removed, kept);
    }
}
