using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Json;
using Orchestration.Workflows.Expressions;
using Orchestration.Workflows.Reading;

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

/// <summary>What follows when an action of a step has failed for good.</summary>
public enum OnFailure
{
    /// <summary>No further step starts, and the run fails.</summary>
    Stop,

    /// <summary>The run goes on, with null for what failed.</summary>
    Continue,
}

/// <summary>Items that a step reads from the object store.</summary>
/// <param name="Kind">How the store gives them.</param>
/// <param name="Place">Gives <c>bucket/prefix</c> or <c>bucket/key</c>.</param>
/// <param name="LinesAreJson">Whether each line is a JSON value; null to go by the object's key.</param>
internal sealed record StoredItems(ItemKind Kind, Template Place, bool? LinesAreJson);

/// <summary>One step of a workflow: one batch of actions, whose key is the step's id.</summary>
public sealed class WorkflowStep
{
    internal WorkflowStep(string id, string action, Template with)
    {
        Id = id;
        Action = action;
        With = with;
    }

    /// <summary>The step's id, unique in its file.</summary>
    public string Id { get; }

    /// <summary>The action that it runs, by its name on OpenWhisk.</summary>
    public string Action { get; }

    /// <summary>Whether it runs the action once per item of a list.</summary>
    public bool IsForEach => ForEach is not null || Items is not null;

    /// <summary>What follows when one of its actions has failed for good.</summary>
    public OnFailure OnFailure { get; internal init; }

    /// <summary>Whether its condition alone says whether it runs: not even a step that failed or was passed over keeps it from being asked.</summary>
    public bool DecidesItself { get; internal init; }

    /// <summary>The steps that it waits for: those of <c>needs</c> and those that its expressions name, in the order of the file.</summary>
    public ImmutableArray<string> DependsOn { get; internal init; } = [];

    /// <summary>Parallelism, retries and writers, the file's defaults filled in. A parallelism that depends on parameters is null here and known when the step's batch is made.</summary>
    public BatchOptions Options { get; internal init; } = BatchOptions.Default;

    /// <summary>How many of its actions run at once; null for no bound of its own.</summary>
    internal Parallelism? Parallelism { get; init; }

    /// <summary>Its condition; null when it has none.</summary>
    internal Template? When { get; init; }

    internal Template? ForEach { get; init; }

    internal StoredItems? Items { get; init; }

    internal Template With { get; }

    internal ImmutableArray<Template> Reads { get; init; } = [];

    internal ImmutableArray<Template> Writes { get; init; } = [];

    /// <summary>Gives the object that its results are written to; null when they are not.</summary>
    internal Template? Collect { get; init; }

    /// <summary>The steps whose results its condition looks at.</summary>
    internal ImmutableArray<string> WhenUses { get; init; } = [];

    /// <summary>The steps whose results its other expressions look at.</summary>
    internal ImmutableArray<string> Uses { get; init; } = [];
}
