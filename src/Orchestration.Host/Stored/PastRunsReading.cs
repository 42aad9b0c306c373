using System.Text.Json;
using Orchestration.Core.Facts;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.Predictions;
using Orchestration.Host.Progress;
using Orchestration.Host.Storage;
using Orchestration.Workflows;

namespace Orchestration.Host.Stored;

/// <summary>Reads beside a run what past runs of its workflow tell about it.</summary>
internal static class PastRunsReading
{
    // More would tell little more, and are read while the run begins.
    private const int Newest = 20;

    /// <summary>Begins to read.</summary>
    /// <param name="storage">Where past runs are.</param>
    /// <param name="workflow">The workflow.</param>
    /// <param name="pipeline">It with the parameters of this run.</param>
    /// <param name="store">Where the input is looked for; null for nowhere.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What they tell; null when there are none, or when they cannot be read: a run does not depend on it.</returns>
    public static Task<PastRunsOfPipeline?> Begin(RunStorage storage, WorkflowFile workflow, PipelineDefinition pipeline, IObjectStore? store, CancellationToken cancellation) => Task.Run(
        async () =>
        {
            try
            {
                return await ReadAsync(storage, workflow, pipeline, store, cancellation);
            }
#pragma warning disable CA1031 // Whatever keeps it from being read is told by the commands that are for it.
            catch (Exception)
#pragma warning restore CA1031
            {
                return null;
            }
        },
        cancellation);

    /// <summary>Begins to read for a run that was started already.</summary>
    /// <param name="storage">Where past runs are.</param>
    /// <param name="start">How it was started.</param>
    /// <param name="store">Where the input is looked for; null for nowhere.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>As the other one; also null for a run that is not one of a workflow.</returns>
    public static Task<PastRunsOfPipeline?> Begin(RunStorage storage, OrchestrationStarted start, IObjectStore? store, CancellationToken cancellation)
    {
        if (start.Pipeline is not { Kind: WorkflowPipelineFactory.PipelineKind } pipeline)
            return Task.FromResult<PastRunsOfPipeline?>(null);
        try
        {
            return Begin(storage, WorkflowFile.Parse(pipeline.Source, start.Name), pipeline, store, cancellation);
        }
        catch (WorkflowException)
        {
            // A run of an earlier version; what it takes is not told.
            return Task.FromResult<PastRunsOfPipeline?>(null);
        }
    }

    private static async Task<PastRunsOfPipeline?> ReadAsync(RunStorage storage, WorkflowFile workflow, PipelineDefinition pipeline, IObjectStore? store, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(pipeline.Parameters.Utf8);
        var parameters = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => JsonBytes.Parse(p.Value.GetRawText()));
        var history = RunHistory.Of(await PastRuns.ReadAsync(storage, workflow.Name, Newest, cancellation));
        var input = store is null ? null : await InputSizes.FindAsync(parameters, history, store, cancellation);
        return new PastRunsOfPipeline(history, workflow.ToForecast(parameters), input?.Size ?? history.Runs.Last().InputSize ?? 0);
    }
}
