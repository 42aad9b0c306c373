using System.Collections.Immutable;

namespace Orchestration.Workflows;

/// <summary>One mistake in a workflow file or in the parameters of a run.</summary>
/// <param name="File">The file as the caller named it.</param>
/// <param name="Line">Its line, from 1 up; 0 when the mistake has no place in the file.</param>
/// <param name="Column">Its column in UTF-16 code units, from 1 up; 0 when the mistake has no place in the file.</param>
/// <param name="Message">What is wrong, with the value and what to do about it.</param>
public sealed record WorkflowProblem(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString() => Line == 0 ? $"{File}: {Message}" : $"{File}:{Line}:{Column}: {Message}";
}

/// <summary>A workflow file cannot be used, or was given parameters that it cannot take. Nothing has run.</summary>
public sealed class WorkflowException : Exception
{
    /// <summary>Makes the exception; its message has one line per problem.</summary>
    /// <param name="problems">All mistakes found, at least one, in the order of the file.</param>
    public WorkflowException(IEnumerable<WorkflowProblem> problems)
        : this(problems.ToImmutableArray())
    {
    }

    private WorkflowException(ImmutableArray<WorkflowProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>All mistakes found, in the order of the file.</summary>
    public IReadOnlyList<WorkflowProblem> Problems { get; }

    internal static WorkflowException Of(string file, string message) => new([new WorkflowProblem(file, 0, 0, message)]);
}
