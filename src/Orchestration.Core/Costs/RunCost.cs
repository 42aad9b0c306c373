using System.Collections.Immutable;
using Orchestration.Core.Objects;

namespace Orchestration.Core.Costs;

/// <summary>What one run cost, by the formulas of the Python tools, and where it went.</summary>
/// <param name="Figures">The numbers that it was computed from.</param>
/// <param name="Compute">For its attempts, and for the orchestration's own time.</param>
/// <param name="Storage">For what it wrote, each object from its first write to the end of the run.</param>
/// <param name="Failures">What of <paramref name="Compute"/> attempts without success took, apart from those of re-runs.</param>
/// <param name="Recoveries">What of <paramref name="Compute"/> the re-runs for lost objects took, failed attempts among them.</param>
/// <param name="Steps">By step, in the order of the run.</param>
/// <param name="Objects">By object, in the order of the run.</param>
public sealed record RunCost(
    RunFigures Figures, double Compute, double Storage, double Failures, double Recoveries, ImmutableArray<StepCost> Steps, ImmutableArray<ObjectCost> Objects)
{
    /// <summary>All of it.</summary>
    public double Total => Compute + Storage;

    /// <summary>
    /// Computes it: <c>computeCost = action_time_taken × computeCharge + time_taken × orchestrationComputeCharge</c> and
    /// <c>storageCost = Σ(lifetime × size_written) × objectChargePerSizePerDuration</c>, as the Python system's cost tool does.
    /// </summary>
    /// <param name="figures">The run.</param>
    /// <param name="prices">The charges.</param>
    /// <returns>What it cost; for a run that goes on, what it has cost so far.</returns>
    public static RunCost Of(RunFigures figures, PriceSheet prices)
    {
        ArgumentNullException.ThrowIfNull(figures);
        ArgumentNullException.ThrowIfNull(prices);
        return new RunCost(
            figures,
            figures.ActionSeconds * prices.Compute + figures.Seconds * prices.Orchestration,
            figures.Objects.Sum(o => o.Lifetime * o.Size) * prices.Storage,
            figures.Actions.Where(a => !a.IsRerun).Sum(a => a.FailedSeconds) * prices.Compute,
            figures.Actions.Where(a => a.IsRerun).Sum(a => a.Seconds) * prices.Compute,
            [
                .. figures.Actions.GroupBy(a => a.Step).Select(step => new StepCost(
                    step.Key, step.Count(), step.Sum(a => a.Seconds) * prices.Compute, step.SelectMany(a => a.Objects).Distinct().Sum(o => o.Lifetime * o.Size) * prices.Storage)),
            ],
            [.. figures.Objects.Select(o => new ObjectCost(o.Object, o.Size, o.Lifetime, prices.Keep(o.Size, o.Lifetime)))]);
    }
}

/// <summary>What one step of a run cost.</summary>
/// <param name="Step">Its id.</param>
/// <param name="Actions">How many actions it has.</param>
/// <param name="Compute">For all attempts of them.</param>
/// <param name="Storage">For what they wrote, up to the end of the run.</param>
public sealed record StepCost(string Step, int Actions, double Compute, double Storage);

/// <summary>What keeping one object cost.</summary>
/// <param name="Object">Which one.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Lifetime">Seconds from its first write to the end of the run.</param>
/// <param name="Storage">For keeping it so long.</param>
public sealed record ObjectCost(ObjectKey Object, long Size, double Lifetime, double Storage);

/// <summary>The mean of what several runs cost.</summary>
/// <param name="Runs">How many.</param>
/// <param name="Compute">The mean of their compute costs.</param>
/// <param name="Storage">The mean of their storage costs.</param>
public sealed record MeanCost(int Runs, double Compute, double Storage)
{
    /// <summary>The mean of their costs.</summary>
    public double Total => Compute + Storage;

    /// <summary>Computes it.</summary>
    /// <param name="costs">Compute and storage of each; at least one.</param>
    /// <returns>The means.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MeanCost Of(IReadOnlyCollection<(double Compute, double Storage)> costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return costs.Count == 0
            ? throw new ArgumentException("There is nothing to take the mean of.", nameof(costs))
            : new MeanCost(costs.Count, costs.Sum(c => c.Compute) / costs.Count, costs.Sum(c => c.Storage) / costs.Count);
    }
}
