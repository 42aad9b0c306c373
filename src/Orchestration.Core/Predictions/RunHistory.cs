using System.Collections.Immutable;
using Orchestration.Core.Costs;

namespace Orchestration.Core.Predictions;

/// <summary>
/// Past runs of one pipeline, as observations by the size of their input: what its actions take, and what they write. Each run counts once,
/// with the mean over its actions of a name. Runs without an input stand at size 0.
/// </summary>
public sealed class RunHistory
{
    private readonly ImmutableArray<Run> _runs;

    private RunHistory(ImmutableArray<Run> runs) => _runs = runs;

    /// <summary>How many runs it holds.</summary>
    public int Count => _runs.Length;

    /// <summary>The runs, the oldest first.</summary>
    public IEnumerable<RunFigures> Runs => _runs.Select(r => r.Figures);

    /// <summary>The names of the actions that the runs had, in the order in which they first appear.</summary>
    public IReadOnlyList<string> Actions => [.. _runs.SelectMany(r => r.Figures.Actions.Select(a => a.Name).Where(r.Actions.ContainsKey)).Distinct()];

    /// <summary>Gathers the observations of runs.</summary>
    /// <param name="runs">Runs of one pipeline, in any order; those that have not ended are left out.</param>
    /// <returns>The history, which may be empty.</returns>
    public static RunHistory Of(IEnumerable<RunFigures> runs) =>
        new([.. runs.Where(r => r.IsEnded).OrderBy(r => r.StartedAt).ThenBy(r => r.Id.Value, StringComparer.Ordinal).Select(Run.Of)]);

    /// <summary>The history without one of its runs.</summary>
    /// <param name="run">Its place in <see cref="Runs"/>.</param>
    /// <returns>The other runs.</returns>
    public RunHistory Without(int run) => new(_runs.RemoveAt(run));

    /// <summary>Predicts what one activation of an action takes and writes.</summary>
    /// <param name="action">Its name on OpenWhisk.</param>
    /// <param name="inputSize">Bytes of the run's input.</param>
    /// <returns>The prediction; null when no run had such an action that ended.</returns>
    public ActionPrediction? Predict(string action, double inputSize)
    {
        if (Estimate.Of(Observe(action, a => a.Runtime), inputSize) is not { } runtime)
            return null;
        return new ActionPrediction(
            action,
            runtime,
            Estimate.Of(Observe(action, a => a.Count), inputSize)!,
            [
                .. RolesOf(action).Select(role => new ObjectPrediction(
                    role,
                    Estimate.Of(Observe(action, role, o => o.PerAction), inputSize)!,
                    Estimate.Of(Observe(action, role, o => o.Size), inputSize)!,
                    Estimate.Of(Observe(action, role, o => o.Lifetime), inputSize)!)),
            ]);
    }

    /// <summary>Predicts how long a whole run takes, from start to end.</summary>
    /// <param name="inputSize">Bytes of its input.</param>
    /// <returns>Seconds; null when there is no run.</returns>
    public Estimate? PredictRun(double inputSize) => Estimate.Of([.. _runs.Select(r => (r.InputSize, r.Figures.Seconds))], inputSize);

    /// <summary>Predicts how many actions a step has and how long each takes.</summary>
    /// <param name="step">The step's id.</param>
    /// <param name="inputSize">Bytes of the run's input.</param>
    /// <returns>Count, and seconds of one action over all its attempts; null when no run had the step.</returns>
    public (Estimate Count, Estimate Seconds)? PredictStep(string step, double inputSize)
    {
        List<(double X, Numbers Numbers)> seen = [.. _runs.Where(r => r.Steps.ContainsKey(step)).Select(r => (r.InputSize, r.Steps[step]))];
        return seen.Count == 0
            ? null
            : (Estimate.Of([.. seen.Select(s => (s.X, s.Numbers.Count))], inputSize)!, Estimate.Of([.. seen.Select(s => (s.X, s.Numbers.Total))], inputSize)!);
    }

    /// <summary>What an activation of an action read that another action of the run wrote, in the latest run that had it.</summary>
    /// <param name="action">The action's name.</param>
    /// <returns>The names of the writers of what its first activation read, with their numbers; empty when it read nothing that the run wrote.</returns>
    public IReadOnlyList<(string Action, int Count)> ParentsOf(string action)
    {
        var run = _runs.LastOrDefault(r => r.Actions.ContainsKey(action));
        return run is null ? [] : run.ParentsOf(action);
    }

    /// <summary>The observations of an action, one for each run that had it.</summary>
    /// <param name="action">Its name.</param>
    /// <returns>Bytes of the run's input, and seconds of an attempt.</returns>
    public IReadOnlyList<(double X, double Y)> RuntimesOf(string action) => Observe(action, a => a.Runtime);

    /// <summary>The observations of the objects of a role that an action writes, one for each run that had them.</summary>
    /// <param name="action">The action's name.</param>
    /// <param name="role">The objects' role.</param>
    /// <returns>Bytes of the run's input with the bytes of an object, and with the seconds up to the end of the run.</returns>
    public (IReadOnlyList<(double X, double Y)> Sizes, IReadOnlyList<(double X, double Y)> Lifetimes) ObjectsOf(string action, string role) =>
        (Observe(action, role, o => o.Size), Observe(action, role, o => o.Lifetime));

    /// <summary>The roles of what an action writes, in the order in which they first appear.</summary>
    /// <param name="action">The action's name.</param>
    /// <returns>The roles.</returns>
    public IReadOnlyList<string> RolesOf(string action) =>
        [.. _runs.SelectMany(r => r.Actions.TryGetValue(action, out var known) ? known.Objects.Keys : []).Distinct()];

    private List<(double X, double Y)> Observe(string action, Func<Numbers, double> value) =>
        [.. _runs.Where(r => r.Actions.ContainsKey(action)).Select(r => (r.InputSize, value(r.Actions[action])))];

    private List<(double X, double Y)> Observe(string action, string role, Func<ObjectNumbers, double> value) =>
        [.. _runs.Where(r => r.Actions.TryGetValue(action, out var known) && known.Objects.ContainsKey(role)).Select(r => (r.InputSize, value(r.Actions[action].Objects[role])))];

    /// <summary>Means over the actions of one name, or of one step.</summary>
    private sealed record Numbers(double Count, double Runtime, double Total, ImmutableSortedDictionary<string, ObjectNumbers> Objects);

    private sealed record ObjectNumbers(double PerAction, double Size, double Lifetime);

    private sealed record Run(RunFigures Figures, ImmutableDictionary<string, Numbers> Actions, ImmutableDictionary<string, Numbers> Steps)
    {
        public double InputSize => Figures.InputSize ?? 0;

        // Re-runs say what failures cost, not what the pipeline takes.
        public static Run Of(RunFigures figures)
        {
            var ran = figures.Actions.Where(a => !a.IsRerun && !a.Attempts.IsEmpty).ToList();
            return new Run(figures, Group(figures, ran, a => a.Name), Group(figures, ran, a => a.Step));
        }

        public IReadOnlyList<(string Action, int Count)> ParentsOf(string action)
        {
            var first = Figures.Actions.First(a => a.Name == action && !a.IsRerun && !a.Attempts.IsEmpty);
            var read = first.Inputs.ToHashSet();
            return
            [
                .. Figures.Actions.Where(a => !a.IsRerun && a.Id != first.Id && a.Objects.Any(o => read.Contains(o.Object)))
                    .GroupBy(a => a.Name).Select(g => (g.Key, g.Count())),
            ];
        }

        private static ImmutableDictionary<string, Numbers> Group(RunFigures figures, List<ActionFigures> actions, Func<ActionFigures, string> key) =>
            actions.GroupBy(key).ToImmutableDictionary(g => g.Key, g => new Numbers(
                g.Count(),
                g.Average(a => a.MeanSeconds),
                g.Average(a => a.Seconds),
                g.SelectMany(a => a.Objects).GroupBy(o => ObjectRole.Of(o.Object, figures.Input)).ToImmutableSortedDictionary(
                    o => o.Key, o => new ObjectNumbers((double)o.Count() / g.Count(), o.Average(x => (double)x.Size), o.Average(x => x.Lifetime)), StringComparer.Ordinal)));
    }
}

/// <summary>What an action is expected to take and to write.</summary>
/// <param name="Action">Its name on OpenWhisk.</param>
/// <param name="Runtime">Seconds of one attempt.</param>
/// <param name="Count">How many actions of this name a run has.</param>
/// <param name="Objects">What one of them writes, by role.</param>
public sealed record ActionPrediction(string Action, Estimate Runtime, Estimate Count, ImmutableArray<ObjectPrediction> Objects)
{
    /// <summary>What one such action is expected to cost: its attempt, and what it writes up to the end of the run.</summary>
    /// <param name="prices">The charges.</param>
    /// <returns>In the sheet's currency.</returns>
    public double Cost(PriceSheet prices)
    {
        ArgumentNullException.ThrowIfNull(prices);
        return Runtime.Value * prices.Compute + Objects.Sum(o => o.PerAction.Value * prices.Keep(o.Size.Value, o.Lifetime.Value));
    }
}

/// <summary>What objects of one role are expected to be.</summary>
/// <param name="Role">The role, as <see cref="ObjectRole"/> has it.</param>
/// <param name="PerAction">How many one action writes.</param>
/// <param name="Size">Bytes of one.</param>
/// <param name="Lifetime">Seconds from its first write to the end of the run.</param>
public sealed record ObjectPrediction(string Role, Estimate PerAction, Estimate Size, Estimate Lifetime);
