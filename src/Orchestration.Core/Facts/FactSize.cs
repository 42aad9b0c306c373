using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Objects;

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
        ActionsAdded f => Sum(f.Actions, Of),
        AttemptStarted f => Sum(f.Fencing, n => 40 + n.Object.Value.Length * 2),
        AttemptSucceeded f => f.Result.Length + Of(f.Objects),
        AttemptFailed f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0) + Of(f.Objects) + 2 * Length(f.Lost),
        InputsPlanned f => f.After.Length * 16,
        InputsLost f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0),
        ObjectsChanged f => 2 * Length(f.Objects),
        ChangePlanned f => 2 * Length(f.Objects),
        ActionsClosed f => f.Ranges.Length * 16 + f.Failure.Message.Length * 2,
        ActionsReopened f => f.Ranges.Length * 16,
        StepSkipped f => f.Reason.Length * 2,
        OrchestrationCompleted f => f.Output.Length,
        OrchestrationFailed f => f.Failure.Message.Length * 2 + (f.Failure.Raw?.Length ?? 0),
        _ => 0,
    };

    internal static int Of(ActionSpec action) =>
        100 + action.Parameters.Length + action.Name.Length + 4 * (Length(action.Reads) + Length(action.Writes))
        + Sum(action.Secrets, s => 60 + s.Pointer.Length + s.Name.Length)
        + (action.Job is { } job ? 100 + job.After.Length * 16 + (Length(job.Objects) + Length(job.Onto) + Length(job.Partial)) * 2 : 0);

    private static int Length(ImmutableArray<ObjectKey> keys) => Sum(keys, k => k.Value.Length);

    // Asked for each action of large batches; LINQ's would copy each list to the heap.
    private static int Sum<T>(ImmutableArray<T> items, Func<T, int> size)
    {
        var sum = 0;
        foreach (var item in items)
            sum += size(item);
        return sum;
    }

    private static int Of(ObjectReport report) =>
        (report.Reads.Length + report.Writes.Length + report.Missing.Length) * 200;
}
