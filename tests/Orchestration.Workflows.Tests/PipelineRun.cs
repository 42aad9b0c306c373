using System.Collections.Immutable;
using Orchestration.Core.Actions;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;

namespace Orchestration.Workflows.Tests;

/// <summary>Stands in for an orchestrator: keeps the batches, gives results only when asked for them.</summary>
internal sealed class PipelineRun(PipelineDefinition definition)
{
    private static readonly ActionId FirstId = ActionId.Parse("000000000000000000000001");

    private readonly Dictionary<string, BatchView> _batches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<ActionResult>> _results = new(StringComparer.Ordinal);

    public PipelineDefinition Definition { get; } = definition;

    public IPipeline Pipeline { get; private set; } = new WorkflowPipelineFactory().Create(definition);

    /// <summary>Every batch that was added, by step.</summary>
    public Dictionary<string, BatchSpec> Added { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps whose results the pipeline has asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Asks the pipeline, gives it the results that it wants to see, and takes what it adds.</summary>
    public PipelineDecision Next()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var view = new PipelineView(_batches.ToDictionary(b => b.Key, b => seen.Contains(b.Key) ? b.Value with { Results = _results[b.Key] } : b.Value));
            var decision = Pipeline.Next(view);
            if (decision is PipelineDecision.NeedResults need)
            {
                Assert.NotEmpty(need.Keys);
                Assert.All(need.Keys, key => Assert.True(_batches[key].Ended && seen.Add(key)));
                Asked.AddRange(need.Keys);
                continue;
            }

            if (decision is PipelineDecision.Run run)
            {
                foreach (var batch in run.Batches)
                {
                    Added.Add(batch.Key!, batch);
                    _batches.Add(batch.Key!, new BatchView(batch.Key!, batch.Actions.Length, 0, 0, null));
                    _results[batch.Key!] = [];
                }
            }

            return decision;
        }
    }

    /// <summary>The steps that the pipeline starts now.</summary>
    public string[] NextSteps() => [.. Assert.IsType<PipelineDecision.Run>(Next()).Batches.Select(b => b.Key!)];

    public string Output() => Assert.IsType<PipelineDecision.Complete>(Next()).Output.Text();

    public PipelineDecision.Fail Failure() => Assert.IsType<PipelineDecision.Fail>(Next());

    /// <summary>The parameters of a step's only action.</summary>
    public string Parameters(string step) => Assert.Single(Added[step].Actions).Parameters.Text();

    /// <summary>Ends a step; a result that begins with <c>!</c> is a failure <c>!code message</c>.</summary>
    public PipelineRun End(string step, params string[] results)
    {
        _results[step] = [.. results.Select((r, i) => r.StartsWith('!')
            ? new ActionResult(FirstId.Plus(i), false, JsonBytes.Null, new Failure(r[1..].Split(' ')[0] is { Length: > 0 } code ? code : null, r[(r.IndexOf(' ', StringComparison.Ordinal) + 1)..]))
            : new ActionResult(FirstId.Plus(i), true, JsonBytes.FromTrusted(System.Text.Encoding.UTF8.GetBytes(r)), null))];
        _batches[step] = _batches[step] with { Succeeded = _results[step].Count(r => r.Success), Failed = _results[step].Count(r => !r.Success) };
        Assert.True(_batches[step].Ended);
        return this;
    }

    /// <summary>Some actions of a step have failed, others still run.</summary>
    public void FailSome(string step, int failed) => _batches[step] = _batches[step] with { Failed = failed };

    /// <summary>Goes on as a process does that has read the pipeline from its store.</summary>
    public void Restart() => Pipeline = new WorkflowPipelineFactory().Create(Definition with { });
}
