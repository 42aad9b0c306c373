using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Progress;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Demos;

/// <summary>
/// Removes the first transcoded chunk of the demo while others are still being transcoded, so that it is gone when they are joined, and tells at the end what that cost.
/// </summary>
internal sealed class ChunkLoss(IObjectStore store, Terminal terminal, RunStorage storage)
{
    private const string Step = "transcode";

    private Task _removing = Task.CompletedTask;
    private int _batch = -1;
    private bool _done;

    /// <summary>A view that does it beside what another view shows.</summary>
    public IProgressView Around(IProgressView view) => new View(this, view);

    /// <summary>What prints what was lost, what ran again and what it cost; null when nothing was made again.</summary>
    public Action? Telling(OrchestrationReport report) =>
        report.Totals.Recoveries > 0 && report.Status == OrchestrationStatus.Completed ? () => Print(report) : null;

    private void Print(OrchestrationReport report)
    {
        var again = report.Actions.Where(a => a.Attempts.Any(t => t.Cause is not null)).ToList();
        var first = report.Actions.Where(a => a.Attempts.All(t => t.Cause is null)).ToLookup(a => a.Id);
        var (lost, totals) = (again.SelectMany(a => a.Attempts[0].Cause!.Recovers).Distinct(), report.Totals);
        terminal.Say("");
        foreach (var key in lost)
            terminal.Say($"lost       {key}");
        terminal.Say($"ran again  {string.Join(", ", again.SelectMany(a => first[a.Id]).Select(a => $"{a.Step}[{a.Index}]"))}; nothing else of {Humanize.Count(totals.Actions, "action")}");
        terminal.Say($"it cost    {Humanize.Duration(totals.Recovered.ActionTime)} of {Humanize.Duration(report.ActionTimeTaken)}, {Humanize.Bytes(totals.Recovered.BytesRead)} read of {Humanize.Bytes(totals.BytesRead)}");
        terminal.Say($"more       {CommandName.Runs($"show {report.Id}", storage)}");
        terminal.Say("");
    }

    private void See(Fact fact)
    {
        if (fact is BatchSealed { Key: Step } added)
        {
            _batch = added.Batch;
            if (added.Count < 2)
                terminal.Complain("The film was cut into one chunk, and none is lost: take a longer film, or more --chunks.");
            _done = added.Count < 2;
        }

        if (_done || fact is not AttemptSucceeded succeeded || succeeded.Batch != _batch || succeeded.Objects.Writes is not [var chunk, ..])
            return;
        _done = true;
        terminal.Say($"removing {chunk.Object}");
        _removing = store.RemoveAsync(chunk.Object, CancellationToken.None);
    }

    private sealed class View(ChunkLoss loss, IProgressView inner) : IProgressView
    {
        public void Show(Fact fact, bool isNew)
        {
            inner.Show(fact, isNew);
            loss.See(fact);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await loss._removing;
        }
    }
}
