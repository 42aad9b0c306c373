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
    private readonly Dictionary<string, ExpandedItems> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Failure> _uncollected = new(StringComparer.Ordinal);

    public PipelineDefinition Definition { get; } = definition;

    public IPipeline Pipeline { get; private set; } = new WorkflowPipelineFactory().Create(definition);

    /// <summary>Every batch that was added, by step.</summary>
    public Dictionary<string, BatchSpec> Added { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps that were passed over, with the reasons.</summary>
    public Dictionary<string, string> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>What the latest decision wants to read from the object store.</summary>
    public ImmutableArray<ItemsRequest> Expansions { get; private set; } = [];

    /// <summary>What the latest decision wants to write to the object store.</summary>
    public ImmutableArray<CollectRequest> Collections { get; private set; } = [];

    /// <summary>The steps whose results the pipeline has asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Asks the pipeline, gives it the results that it wants to see, and takes what it adds.</summary>
    public PipelineDecision Next()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var view = new PipelineView(_batches.ToDictionary(b => b.Key, b => seen.Contains(b.Key) ? b.Value with { Results = _results[b.Key] } : b.Value))
            {
                Skipped = Skipped.Keys.ToHashSet(),
                Items = _items,
                Uncollected = _uncollected,
            };
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
                    _items.Remove(batch.Key!);
                    if (batch.Actions.IsEmpty)
                        End(batch.Key!);
                }

                foreach (var skip in run.Skips)
                    Skipped.Add(skip.Step, skip.Reason);
                (Expansions, Collections) = (run.Expansions, run.Collections);
                if (!run.Skips.IsEmpty && run.Batches.IsEmpty)
                    continue;
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

    /// <summary>The object store gives items.</summary>
    public PipelineRun Give(string step, params string[] items)
    {
        var request = Expansions.Single(e => e.Step == step);
        _items[step] = new ExpandedItems([.. items.Select(JsonBytes.Parse)], new ItemSource(request.Kind, $"{request.Bucket}/{request.Key}", 1, null), null);
        return this;
    }

    /// <summary>The object store gives no items.</summary>
    public PipelineRun GiveNone(string step, string why)
    {
        _items[step] = new ExpandedItems([], null, new Failure("NO_OBJECT", why));
        return this;
    }

    /// <summary>The object store has taken a step's results.</summary>
    public PipelineRun Collected(string step)
    {
        _batches[step] = _batches[step] with { Collected = Collections.Single(c => c.Step == step).Target };
        return this;
    }

    /// <summary>The object store has not taken a step's results.</summary>
    public PipelineRun NotCollected(string step, string why)
    {
        _uncollected[step] = new Failure("AccessDenied", why);
        return this;
    }

    /// <summary>Some actions of a step have failed, others still run.</summary>
    public void FailSome(string step, int failed) => _batches[step] = _batches[step] with { Failed = failed };

    /// <summary>Goes on as a process does that has read the pipeline from its store.</summary>
    public void Restart() => Pipeline = new WorkflowPipelineFactory().Create(Definition with { });
}
