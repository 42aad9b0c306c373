using Orchestration.Core.Actions;

namespace Orchestration.Core.Facts;

/// <summary>Estimates how many bytes facts take in the journal, without writing them.</summary>
public static class FactSize
{
    private const int Envelope = 200;

    /// <summary>The size of one fact.</summary>
    /// <param name="fact">The fact.</param>
    /// <returns>Bytes, nearly.</returns>
    public static int Of(Fact fact) => Envelope + fact switch
    {
        OrchestrationStarted f => f.ClientData.Length + (f.Pipeline is { } p ? p.Source.Length * 2 + p.Parameters.Length : 0),
        ActionsAdded f => f.Actions.Sum(Of),
        AttemptStarted f => f.Fencing.Sum(n => 40 + n.Object.Value.Length * 2),
        AttemptSucceeded f => f.Result.Length + Of(f.Objects),
        AttemptFailed f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0) + Of(f.Objects) + f.Lost.Sum(l => l.Value.Length * 2),
        InputsPlanned f => f.After.Length * 16,
        InputsLost f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0),
        ObjectsChanged f => f.Objects.Sum(o => o.Value.Length * 2),
        ChangePlanned f => f.Objects.Sum(o => o.Value.Length * 2),
        ActionsClosed f => f.Ranges.Length * 16 + f.Failure.Message.Length * 2,
        ActionsReopened f => f.Ranges.Length * 16,
        StepSkipped f => f.Reason.Length * 2,
        OrchestrationCompleted f => f.Output.Length,
        OrchestrationFailed f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0),
        _ => 0,
    };

    internal static int Of(ActionSpec action) =>
        100 + action.Parameters.Length + action.Name.Length + 4 * (action.Reads.Sum(r => r.Value.Length) + action.Writes.Sum(w => w.Value.Length))
        + action.Secrets.Sum(s => 60 + s.Pointer.Length + s.Name.Length)
        + (action.Job is { } job ? 100 + job.After.Length * 16 + job.Objects.Concat(job.Onto).Concat(job.Partial).Sum(o => o.Value.Length) * 2 : 0);

    private static int Of(Objects.ObjectReport report) =>
        (report.Reads.Length + report.Writes.Length + report.Missing.Length) * 200;
}
