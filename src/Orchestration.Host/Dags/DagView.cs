using Orchestration.Core.Dags;
using Orchestration.Core.Identity;
using Orchestration.Core.Reports;

namespace Orchestration.Host.Dags;

/// <summary>What of a graph is shown.</summary>
/// <param name="Dag">The graph.</param>
/// <param name="Actions">The actions that are shown, in the order of the run.</param>
internal sealed record DagView(RunDag Dag, IReadOnlyList<ActionReport> Actions)
{
    /// <summary>Whether all actions of the run are shown.</summary>
    public bool IsWhole => Actions.Count == Dag.Report.Actions.DistinctBy(a => a.Id).Count();

    /// <summary>What the shown actions are called.</summary>
    public DagLabels Labels { get; } = new(Dag.Report);

    /// <summary>The edges between the shown actions.</summary>
    public IEnumerable<DagEdge> Edges
    {
        get
        {
            var shown = Actions.Select(a => a.Id).ToHashSet();
            return Dag.Edges.Where(e => shown.Contains(e.Reader) && shown.Contains(e.Writer));
        }
    }

    public static DagView Whole(RunDag dag) => new(dag, [.. dag.Report.Actions.DistinctBy(a => a.Id)]);

    /// <summary>An action with all that it needed.</summary>
    public static DagView Before(RunDag dag, ActionReport action)
    {
        HashSet<ActionId> shown = [action.Id, .. dag.PrerequisitesOf(action.Id)];
        return new(dag, [.. dag.Report.Actions.DistinctBy(a => a.Id).Where(a => shown.Contains(a.Id))]);
    }
}

/// <summary>What the actions of a run are called: their step, with their place where the step has several.</summary>
internal sealed class DagLabels
{
    private readonly Dictionary<ActionId, string> _labels = [];

    public DagLabels(OrchestrationReport report)
    {
        foreach (var step in report.Actions.GroupBy(a => a.Step))
        {
            var several = step.Skip(1).Any();
            foreach (var action in step)
                _labels.TryAdd(action.Id, several ? $"{step.Key}[{action.Index}]" : step.Key);
        }
    }

    public List<string> All => [.. _labels.Values];

    public string Of(ActionId action) => _labels[action];
}
