using Orchestration.Core.Identity;

namespace Orchestration.Core.Costs;

/// <summary>What one action cost, by the formulas of the Python tools.</summary>
/// <param name="Action">The action.</param>
/// <param name="Run">The run that it belongs to.</param>
/// <param name="Compute">The mean time over its attempts at the compute charge.</param>
/// <param name="Storage">For what it wrote, each object from its first write to the end of the run.</param>
public sealed record ActionCost(ActionFigures Action, OrchestrationId Run, double Compute, double Storage)
{
    /// <summary>All of it.</summary>
    public double Total => Compute + Storage;

    /// <summary>
    /// Computes it: <c>computeCost = runtime × computeCharge</c>, the runtime being the mean over its attempts, and
    /// <c>storageCost = Σ(lifetime × size) × objectChargePerSizePerDuration</c>, as the Python system's cost tool does.
    /// </summary>
    /// <param name="action">The action.</param>
    /// <param name="run">The run that it belongs to.</param>
    /// <param name="prices">The charges.</param>
    /// <returns>What it cost.</returns>
    public static ActionCost Of(ActionFigures action, OrchestrationId run, PriceSheet prices)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(prices);
        return new ActionCost(action, run, action.MeanSeconds * prices.Compute, action.Objects.Sum(o => o.Lifetime * o.Size) * prices.Storage);
    }
}
