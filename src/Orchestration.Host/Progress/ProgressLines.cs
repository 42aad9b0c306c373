using Orchestration.Core.Facts;
using Orchestration.Core.Retries;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>What is worth a line while a run goes on.</summary>
internal static class ProgressLines
{
    /// <summary>How a step begins or ends; null for other facts. Read after the progress has taken the fact in.</summary>
    public static string? Step(Fact fact, RunProgress progress)
    {
        switch (fact)
        {
            case BatchSealed added:
                return $"{added.Key}: {Humanize.Count(added.Count, "action")}{(added.Options.Parallelism is { } most && most < added.Count ? $", {most} at a time" : "")}";
            case BatchEnded ended:
                var step = progress.StepOf(ended.Batch);
                var done = step.Failed == 0 ? "done" : $"{step.Succeeded} succeeded, {step.Failed} failed";
                return $"{step.Id}: {done} in {Humanize.Duration(ended.Time - step.StartedAt)}";
            default:
                return null;
        }
    }

    /// <summary>Why an attempt failed and what follows; null for other facts.</summary>
    public static string? Trouble(Fact fact, RunProgress progress)
    {
        if (fact is not AttemptFailed failed)
            return null;
        var step = progress.StepOf(failed.Batch);
        var action = step.Count == 1 ? step.Id : $"{step.Id}[{failed.Index}]";
        var why = $"{AttemptOutcomes.NameOf(failed.Outcome)}: {(failed.Failure.Code is { } code ? code + ": " : "")}{Humanize.Shorten(failed.Failure.Message, 200)}";
        if (failed.RetryAt is not { } next)
            return $"{action}: failed, attempt {failed.Attempt} was the last ({why})";
        var delay = next - failed.Time;
        return $"{action}: attempt {failed.Attempt} failed ({why}); the next {(delay <= TimeSpan.Zero ? "follows at once" : $"is in {Humanize.Duration(delay)}")}";
    }
}
