using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Demos;
using Orchestration.Host.Reports;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Running;

/// <summary>What follows the end of a run, in whichever process it went on: downloads and the report.</summary>
/// <param name="store">The object store; null when there is none.</param>
/// <param name="output">Where the report goes.</param>
internal sealed class RunEnding(IObjectStore? store, ReportOutput output)
{
    /// <summary>What the demo lost on purpose; null when nothing.</summary>
    public ChunkLoss? Loss { get; init; }

    /// <summary>Downloads what was asked for and puts the report out.</summary>
    /// <param name="report">The run's report.</param>
    /// <param name="note">What was kept with it.</param>
    /// <returns>What came of the run, and what could not be downloaded: whatever happens to a file, the run itself is complete.</returns>
    public async Task<(RunResult Result, CommandException? Problem)> FinishAsync(OrchestrationReport report, RunNote note)
    {
        var problem = report.Status == OrchestrationStatus.Completed ? await DownloadAsync(note, report) : null;
        output.Put(report, Loss?.Telling(report));
        return (new RunResult(ExitCodes.Of(report.Status), report), problem);
    }

    private async Task<CommandException?> DownloadAsync(RunNote note, OrchestrationReport report)
    {
        foreach (var get in note.Gets)
        {
            try
            {
                if (store is null)
                    throw CommandException.Failure($"--get {get.Object}: there is no object store. Give one with --object-store.");
                await Transfers.DownloadAsync(store, get.Object ?? OutputObject(report.Output), get.File, output.Terminal, CancellationToken.None);
            }
            catch (Exception e) when (e is CommandException or ObjectStoreException)
            {
                return e as CommandException ?? CommandException.Failure($"--get {get.Object}: {e.Message}", e);
            }
        }
        return null;
    }

    private static ObjectKey OutputObject(JsonBytes output)
    {
        using var document = output.ToDocument();
        return document.RootElement.ValueKind == System.Text.Json.JsonValueKind.String && ObjectKey.TryParse(document.RootElement.GetString(), out var key)
            ? key
            : throw CommandException.Failure($"The output {Humanize.Shorten(output.ToString(), 100)} names no object.");
    }
}
