using System.Collections.Immutable;

namespace Orchestration.Core.Predictions;

/// <summary>How well predictions of one kind would have been: each run predicted from all others.</summary>
/// <param name="Action">The action.</param>
/// <param name="Role">The role of what it wrote; null for its runtime.</param>
/// <param name="What">What was predicted.</param>
/// <param name="Observations">How many runs.</param>
/// <param name="Error">The mean distance between prediction and observation, in seconds or bytes.</param>
/// <param name="NaiveError">The same for a prediction that is the mean of the other runs, whatever their input.</param>
/// <param name="Mean">The mean of the observations, to measure the errors against.</param>
public sealed record BacktestLine(string Action, string? Role, Predicted What, int Observations, double Error, double NaiveError, double Mean);

/// <summary>What is predicted.</summary>
public enum Predicted
{
    /// <summary>Seconds of an attempt.</summary>
    Runtime,

    /// <summary>Bytes of an object.</summary>
    Size,

    /// <summary>Seconds from an object's first write to the end of the run.</summary>
    Lifetime,
}

/// <summary>Measures predictions on the history that they come from, leaving out what is predicted.</summary>
public static class Backtest
{
    private const int Fewest = 2;

    /// <summary>Measures all predictions of a history.</summary>
    /// <param name="history">The history.</param>
    /// <returns>A line for each action's runtime, and for size and lifetime of each role that it writes; none for what fewer than two runs tell of.</returns>
    public static ImmutableArray<BacktestLine> Of(RunHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var lines = ImmutableArray.CreateBuilder<BacktestLine>();
        foreach (var action in history.Actions)
        {
            Add(action, null, Predicted.Runtime, history.RuntimesOf(action));
            foreach (var role in history.RolesOf(action))
            {
                var (sizes, lifetimes) = history.ObjectsOf(action, role);
                Add(action, role, Predicted.Size, sizes);
                Add(action, role, Predicted.Lifetime, lifetimes);
            }
        }

        return lines.ToImmutable();

        void Add(string action, string? role, Predicted what, IReadOnlyList<(double X, double Y)> observations)
        {
            if (observations.Count < Fewest)
                return;
            var sum = observations.Sum(o => o.Y);
            lines.Add(new BacktestLine(
                action,
                role,
                what,
                observations.Count,
                Estimate.Residuals(observations).Average(Math.Abs),
                observations.Average(o => Math.Abs(o.Y - (sum - o.Y) / (observations.Count - 1))),
                sum / observations.Count));
        }
    }
}
