using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;

namespace Orchestration.Core.Dags;

/// <summary>
/// Which action of a run read what which other one wrote: an edge from each action that read an object to each action that wrote it, as the Python system's tool draws it.
/// Writers of one shared object read each other's work, so there may be cycles.
/// </summary>
public sealed class RunDag
{
    private readonly Dictionary<ActionId, ActionReport> _actions;
    private readonly ILookup<ActionId, DagEdge> _edges;

    private RunDag(OrchestrationReport report, ImmutableArray<DagEdge> edges)
    {
        Report = report;
        Edges = edges;
        _actions = report.Actions.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
        _edges = edges.ToLookup(e => e.Reader);
    }

    /// <summary>The run.</summary>
    public OrchestrationReport Report { get; }

    /// <summary>From readers to writers, object by object in the order of the report.</summary>
    public ImmutableArray<DagEdge> Edges { get; }

    /// <summary>Takes the edges from a report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>The graph; without edges when the actions reported no objects.</returns>
    public static RunDag Of(OrchestrationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new RunDag(report, [.. report.Objects.SelectMany(o => o.Readers.SelectMany(r => o.Writers.Where(w => w != r).Select(w => new DagEdge(r, w, o.Object))))]);
    }

    /// <summary>The actions that wrote what an action read; the Python tool's <c>get_node_prerequisite</c>.</summary>
    /// <param name="action">The action.</param>
    /// <returns>Each once, in the order of the report's objects.</returns>
    public IEnumerable<ActionId> ParentsOf(ActionId action) => _edges[action].Select(e => e.Writer).Distinct();

    /// <summary>All actions that must have run before an action could: its parents, theirs, and so on.</summary>
    /// <param name="action">The action.</param>
    /// <returns>Each once and without the action itself, nearest first.</returns>
    public ImmutableArray<ActionId> PrerequisitesOf(ActionId action)
    {
        var found = ImmutableArray.CreateBuilder<ActionId>();
        var seen = new HashSet<ActionId> { action };
        var queue = new Queue<ActionId>([action]);
        while (queue.TryDequeue(out var next))
        {
            foreach (var parent in ParentsOf(next).Where(seen.Add))
            {
                found.Add(parent);
                queue.Enqueue(parent);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>
    /// The chain of actions that the run's end waited for: the action that ended last, before it the one whose end it waited for, and so on. An action waits for the parent that ended last; one that
    /// read nothing of others waits for whatever ended last before it was ready, as the next step does.
    /// </summary>
    /// <returns>In the order of time, each ending before the next one was ready; empty when no attempt has ended.</returns>
    public ImmutableArray<ActionReport> CriticalPath()
    {
        var byEnd = _actions.Values.Where(a => EndOf(a) is not null).OrderBy(EndOf).ThenBy(a => a.Id.Value, StringComparer.Ordinal).ToList();
        var path = new List<ActionReport>();
        var seen = new HashSet<ActionId>();
        // Actions that took no time may have waited for each other.
        for (var at = byEnd.LastOrDefault(); at is not null && seen.Add(at.Id); at = Before(at, byEnd))
            path.Add(at);
        path.Reverse();
        return [.. path];
    }

    private ActionReport? Before(ActionReport action, List<ActionReport> byEnd)
    {
        // Ready was it before the time that it waited for a place.
        var ready = action.Attempts[0].Start - action.Attempts[0].Queued;
        return ParentsOf(action.Id).Select(p => _actions.GetValueOrDefault(p)).Where(p => p is not null && EndOf(p) <= action.Attempts[0].Start).MaxBy(p => EndOf(p!))
            ?? byEnd.LastOrDefault(a => EndOf(a) <= ready && a.Id != action.Id && EndOf(a) < EndOf(action));
    }

    private static DateTimeOffset? EndOf(ActionReport action) => action.Attempts.IsEmpty ? null : action.Attempts[^1].End;
}

/// <summary>An action read what another one wrote.</summary>
/// <param name="Reader">Who read it.</param>
/// <param name="Writer">Who wrote it.</param>
/// <param name="Object">What.</param>
public sealed record DagEdge(ActionId Reader, ActionId Writer, ObjectKey Object);
