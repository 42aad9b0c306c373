namespace Orchestration.Workflows.Reading;

/// <summary>A place in the file, both from 1 up.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>Gathers the mistakes of one file, so that a person sees all of them at once.</summary>
internal sealed class ProblemList(string file)
{
    private readonly HashSet<WorkflowProblem> _problems = [];

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>A part that is used at several places through an alias reports its mistake once.</summary>
    public void Add(Place place, string message) => _problems.Add(new WorkflowProblem(file, place.Line, place.Column, message));

    public WorkflowException ToException() => new(_problems.OrderBy(p => p.Line).ThenBy(p => p.Column));
}
