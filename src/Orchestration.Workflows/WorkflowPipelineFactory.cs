using Orchestration.Core.Pipelines;
using Orchestration.Workflows.Running;

namespace Orchestration.Workflows;

/// <summary>Reads pipelines that <see cref="WorkflowFile.ToPipeline"/> made, when a run starts and whenever it is resumed.</summary>
public sealed class WorkflowPipelineFactory : IPipelineFactory
{
    /// <summary>The kind of pipelines that are workflow files.</summary>
    public const string PipelineKind = "workflow";

    /// <inheritdoc />
    public string Kind => PipelineKind;

    /// <inheritdoc />
    public IPipeline Create(PipelineDefinition definition)
    {
        if (definition.Kind != PipelineKind)
            throw new FormatException($"The pipeline is of the kind '{definition.Kind}'; this factory reads '{PipelineKind}'.");
        try
        {
            return new WorkflowPipeline(WorkflowFile.Parse(definition.Source, "stored workflow"), definition.Parameters);
        }
        catch (WorkflowException e)
        {
            throw new FormatException($"The stored workflow cannot be read by this version:\n{e.Message}", e);
        }
    }
}
