using Orchestration.Core.Pipelines;

namespace Orchestration.Actors.Tests.Support;

/// <summary>Pipelines written as functions of the view.</summary>
internal sealed class PlainPipelines(Func<PipelineView, PipelineDecision> next) : IPipelineFactory, IPipeline
{
    public string Kind => "plain";

    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    public static PipelineDefinition Definition { get; } = new("plain", "", Core.Json.JsonBytes.EmptyObject, []);

    public IPipeline Create(PipelineDefinition definition) => this;

    public PipelineDecision Next(PipelineView view) => next(view);
}
