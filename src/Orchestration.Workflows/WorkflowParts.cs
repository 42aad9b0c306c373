using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Workflows.Expressions;

namespace Orchestration.Workflows;

/// <summary>A parameter that a workflow declares.</summary>
/// <param name="Name">Its name, as in <c>-p name=value</c> and <c>params.name</c>.</param>
/// <param name="Default">Its value when a run gives none; null when every run must give it.</param>
public sealed record WorkflowParameter(string Name, JsonBytes? Default);

/// <summary>An action that the workflow brings along, to be deployed to the local OpenWhisk.</summary>
/// <param name="Name">Its name on OpenWhisk.</param>
/// <param name="File">Its code: a path as written, relative to the workflow file.</param>
/// <param name="Kind">The runtime, such as <c>python:3</c>; null to take it from the file's extension.</param>
/// <param name="Main">The function to call; null for the runtime's default.</param>
/// <param name="Timeout">How long one activation may take; null for the platform's default.</param>
/// <param name="Memory">How much memory it gets, in MB (2^20 bytes) as OpenWhisk counts; null for the platform's default.</param>
public sealed record ActionDeployment(string Name, string File, string? Kind, string? Main, TimeSpan? Timeout, int? Memory);

/// <summary>One step of a workflow: one batch of actions, whose key is the step's id.</summary>
public sealed class WorkflowStep
{
    internal WorkflowStep(string id, string action, Template? forEach, Template with, ImmutableArray<Template> reads, ImmutableArray<Template> writes)
    {
        Id = id;
        Action = action;
        ForEach = forEach;
        With = with;
        Reads = reads;
        Writes = writes;
    }

    /// <summary>The step's id, unique in its file.</summary>
    public string Id { get; }

    /// <summary>The action that it runs, by its name on OpenWhisk.</summary>
    public string Action { get; }

    /// <summary>Whether it runs the action once per item of a list.</summary>
    public bool IsForEach => ForEach is not null;

    /// <summary>The steps that must have succeeded before: those of <c>needs</c> and those that its expressions name, in the order of the file.</summary>
    public ImmutableArray<string> DependsOn { get; internal init; } = [];

    /// <summary>Parallelism, retries and writers, the file's defaults filled in.</summary>
    public BatchOptions Options { get; internal init; } = BatchOptions.Default;

    internal Template? ForEach { get; }

    internal Template With { get; }

    internal ImmutableArray<Template> Reads { get; }

    internal ImmutableArray<Template> Writes { get; }

    /// <summary>The steps whose results its expressions look at.</summary>
    internal ImmutableArray<string> Uses { get; init; } = [];
}
