using System.Collections.Immutable;
using System.Text.Json;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Retries;

namespace Orchestration.Core.Pipelines;

/// <summary>
/// An orchestration that only makes objects of another one again: its single step looks whether each object is there (<see cref="ActionSpec.IsCheck"/>), and what is missing is made
/// again like any lost input. So a run that has ended stays as it is, and a heal is as durable as every orchestration.
/// </summary>
public sealed class HealPipeline : IPipelineFactory, IPipeline
{
    /// <summary>The kind in <see cref="PipelineDefinition.Kind"/>.</summary>
    public const string KindName = "heal";

    private const string Step = "heal";

    private readonly ImmutableArray<ObjectKey> _objects;

    /// <summary>Makes the factory.</summary>
    public HealPipeline()
        : this([])
    {
    }

    private HealPipeline(ImmutableArray<ObjectKey> objects) => _objects = objects;

    /// <inheritdoc />
    public string Kind => KindName;

    /// <summary>Defines the pipeline that makes objects again.</summary>
    /// <param name="run">The orchestration whose objects they are; what it knows counts even where no catalog does.</param>
    /// <param name="objects">The objects.</param>
    /// <returns>The definition, for a start.</returns>
    public static PipelineDefinition Define(OrchestrationId run, IEnumerable<ObjectKey> objects) => new(KindName, "", JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("run", run.Value);
        writer.WriteStartArray("objects");
        foreach (var key in objects)
            writer.WriteStringValue(key.Value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }), [Step]);

    /// <summary>The orchestration whose objects a pipeline makes again.</summary>
    /// <param name="definition">Any pipeline.</param>
    /// <returns>The orchestration; null when it is no pipeline of this kind.</returns>
    public static OrchestrationId? RunOf(PipelineDefinition? definition)
    {
        if (definition is not { Kind: KindName })
            return null;
        using var document = definition.Parameters.ToDocument();
        return OrchestrationId.Parse(document.RootElement.GetProperty("run").GetString()!);
    }

    /// <inheritdoc />
    public IPipeline Create(PipelineDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        try
        {
            using var document = definition.Parameters.ToDocument();
            return new HealPipeline([.. document.RootElement.GetProperty("objects").EnumerateArray().Select(o => ObjectKey.Parse(o.GetString()!))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"The stored pipeline to heal a run cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public PipelineDecision Next(PipelineView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!view.Batches.TryGetValue(Step, out var batch))
            return new PipelineDecision.Run([new BatchSpec(Step, [.. _objects.Select(Check)], BatchOptions.Default)]);
        if (!batch.Ended)
            return PipelineDecision.Wait;
        if (batch.Failed == 0)
            return new PipelineDecision.Complete(JsonBytes.Parse($"{{\"objects\":{batch.Count}}}"));
        if (batch.Results is not { } results)
            return new PipelineDecision.NeedResults([Step]);
        var first = results.First(r => !r.Success).Failure!;
        var count = batch.Failed == 1 ? "1 object cannot be made again" : $"{batch.Failed} objects cannot be made again; the first";
        return new PipelineDecision.Fail(new Failure(first.Code, $"{count}: {first.Message}", first.Raw), Step);
    }

    private static ActionSpec Check(ObjectKey key) => new("look", JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("object", key.Value);
        writer.WriteEndObject();
    }))
    { Reads = [key], IsCheck = true };
}
