using Orchestration.Core.Pipelines;

namespace Orchestration.Workflows.Running;

/// <summary>Where a step stands.</summary>
internal enum StepState
{
    /// <summary>It waits for other steps, or for its items.</summary>
    Pending,

    /// <summary>Its actions run, or its results are being written.</summary>
    Running,

    /// <summary>All its actions have succeeded.</summary>
    Succeeded,

    /// <summary>One of its actions has failed for good.</summary>
    Failed,

    /// <summary>It does not run.</summary>
    Skipped,
}

/// <summary>Where the steps of a run stand.</summary>
internal sealed class StepStates
{
    private readonly Dictionary<string, StepState> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowStep> _steps;

    public StepStates(WorkflowFile file, PipelineView view)
    {
        _steps = file.Steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
        FirstFailed = file.Steps.FirstOrDefault(s => s.OnFailure == OnFailure.Stop && view.Batches.TryGetValue(s.Id, out var batch) && batch.Failed > 0);
        foreach (var step in file.Steps)
            _states.Add(step.Id, Of(step, view));
    }

    /// <summary>The first step, in the order of the file, whose failure fails the run; null when there is none.</summary>
    public WorkflowStep? FirstFailed { get; }

    public StepState this[string step] => _states[step];

    /// <summary>Whether every step that it waits for has come to its end.</summary>
    public bool IsReady(WorkflowStep step) => _states[step.Id] == StepState.Pending && step.DependsOn.All(d => _states[d] is not (StepState.Pending or StepState.Running));

    public bool AnyRuns => _states.ContainsValue(StepState.Running);

    /// <summary>Why a step is skipped unless its condition decides by itself; null when nothing speaks against it.</summary>
    public string? Obstacle(WorkflowStep step)
    {
        if (step.DependsOn.Cast<string?>().FirstOrDefault(d => _states[d!] == StepState.Skipped) is { } skipped)
            return $"the step '{skipped}' was skipped";
        return step.DependsOn.Cast<string?>().FirstOrDefault(d => _states[d!] == StepState.Failed && _steps[d!].OnFailure == OnFailure.Stop) is { } failed
            ? $"the step '{failed}' failed"
            : null;
    }

    /// <summary>Whether its results are to be written now.</summary>
    public static bool Collects(WorkflowStep step, BatchView batch) =>
        step.Collect is not null && batch is { Ended: true, Collected: null } && (batch.Failed == 0 || step.OnFailure == OnFailure.Continue);

    private StepState Of(WorkflowStep step, PipelineView view)
    {
        if (view.Skipped.Contains(step.Id))
            return StepState.Skipped;
        if (!view.Batches.TryGetValue(step.Id, out var batch))
            return FirstFailed is not null && !step.DecidesItself ? StepState.Skipped : StepState.Pending;
        if (!batch.Ended || Collects(step, batch))
            return StepState.Running;
        return batch.Failed > 0 ? StepState.Failed : StepState.Succeeded;
    }
}
