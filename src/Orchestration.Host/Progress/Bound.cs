using Orchestration.Host.Terminals;

namespace Orchestration.Host.Progress;

/// <summary>How many actions may run at once, besides what each step says.</summary>
/// <param name="Namespace">Activations in flight in the namespace.</param>
/// <param name="Pool">ActionActors of the run.</param>
internal sealed record RunLimits(int Namespace, int Pool)
{
    // The defaults of hocon/orchestration.conf.
    private const int DefaultNamespace = 30;
    private const int DefaultPool = 1000;

    /// <summary>The limits that were set; null for the defaults.</summary>
    public static RunLimits Of(int? inFlight, int? poolSize) => new(inFlight ?? DefaultNamespace, poolSize ?? DefaultPool);
}

/// <summary>What keeps more of a step's actions from running at once.</summary>
/// <param name="What">For people, such as <c>parallelism 2</c>.</param>
/// <param name="AtOnce">The most of the step's actions that can run at once.</param>
internal sealed record Bound(string What, int AtOnce)
{
    /// <summary>Finds it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="steps">All steps of the run: those that run share the namespace and the pool.</param>
    /// <param name="limits">The limits of all of them together.</param>
    /// <returns>What binds the step; null when all that is left of it can run at once, or when it does not run.</returns>
    public static Bound? Of(StepProgress step, IEnumerable<StepProgress> steps, RunLimits limits)
    {
        if (!step.IsActive || step.Left == 0)
            return null;
        var others = steps.Where(s => s != step && s.IsActive).Sum(Wanted);
        var (most, what) = limits.Namespace <= limits.Pool ? (limits.Namespace, "namespace limit") : (limits.Pool, "pool");
        if (step.Parallelism is { } own && own <= most && step.Left > own)
            return new Bound($"parallelism {own}", own);
        // Where others take their share, this is still the most that the step can get.
        return Wanted(step) + others > most ? new Bound($"{what} {most}", most) : null;
    }

    /// <summary>The least time that the rest of a step takes: its activations at their average, as many at once as can be.</summary>
    /// <returns>The time; null while no attempt has succeeded, or nothing is left.</returns>
    public TimeSpan? LeastTime(StepProgress step) =>
        step.MeanTime is { } mean && step.Left > 0 ? mean * Math.Ceiling((double)step.Left / Math.Min(AtOnce, step.Parallelism ?? AtOnce)) : null;

    /// <summary>For people: <c>parallelism 2: at least 12 s more</c>.</summary>
    public string Describe(StepProgress step) => LeastTime(step) is { } least ? $"{What}: at least {Humanize.Duration(least)} more" : What;

    private static int Wanted(StepProgress step) => Math.Min(step.Left, step.Parallelism ?? int.MaxValue);
}
