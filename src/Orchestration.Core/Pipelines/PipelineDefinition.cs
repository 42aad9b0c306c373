using System.Collections.Immutable;
using Orchestration.Core.Json;

namespace Orchestration.Core.Pipelines;

/// <summary>A pipeline as it is stored with its orchestration, so that a restart goes on with the one it was started with.</summary>
/// <param name="Kind">Which <see cref="IPipelineFactory"/> reads it, such as <c>workflow</c>.</param>
/// <param name="Source">The whole text of it.</param>
/// <param name="Parameters">A JSON object: the parameters of this run, defaults filled in.</param>
/// <param name="Steps">The ids of its steps in the order of the source; empty when it does not know them beforehand.</param>
public sealed record PipelineDefinition(string Kind, string Source, JsonBytes Parameters, ImmutableArray<string> Steps)
{
    /// <summary>The kind of a program: code of the application that adds batches as any client does. <see cref="Source"/> is its name, <see cref="Parameters"/> its input, any JSON value.</summary>
    public const string ProgramKind = "program";

    /// <summary>Whether it is a program.</summary>
    public bool IsProgram => Kind == ProgramKind;

    /// <inheritdoc />
    public bool Equals(PipelineDefinition? other) => other is not null && Kind == other.Kind && Source == other.Source
        && Parameters == other.Parameters && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Kind, Source, Parameters);
}
