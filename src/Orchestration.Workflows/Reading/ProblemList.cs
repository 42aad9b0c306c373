namespace Orchestration.Workflows.Reading;

/// <summary>A place in the file, both from 1 up.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>Gathers the mistakes of one file, so that a person sees all of them at once.</summary>
/// <param name="file">The file as the caller named it.</param>
/// <param name="source">Its text.</param>
internal sealed class ProblemList(string file, string source)
{
    private readonly HashSet<WorkflowProblem> _problems = [];
    private readonly string[] _lines = source.TrimEnd().Split('\n');

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>A part that is used at several places through an alias reports its mistake once.</summary>
    public void Add(Place place, string message)
    {
        var (line, column) = Inside(place);
        _problems.Add(new WorkflowProblem(file, line, column, message));
    }

    public WorkflowException ToException() => new(_problems.OrderBy(p => p.Line).ThenBy(p => p.Column));

    /// <summary>YamlDotNet puts what is missing at the end behind the last line, and miscounts behind some tabs; an editor cannot go there.</summary>
    private Place Inside(Place place)
    {
        var line = Math.Min(place.Line, _lines.Length);
        var end = _lines[line - 1].TrimEnd('\r').Length + 1;
        return new Place(line, line < place.Line ? end : Math.Min(place.Column, end));
    }
}
