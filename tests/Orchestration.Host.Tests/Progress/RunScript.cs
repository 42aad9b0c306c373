using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Retries;
using Orchestration.Host.Progress;

namespace Orchestration.Host.Tests.Progress;

/// <summary>The facts of a run, written by hand, with a clock of its own.</summary>
internal sealed class RunScript
{
    private static readonly ActionId First = ActionId.Parse("6745a1b2c3d4e5f601234568");

    private readonly Dictionary<string, int> _batches = [];

    public RunScript(params string[] steps)
        : this(null, steps)
    {
    }

    public RunScript(TimeLeft? left, params string[] steps)
    {
        Log = new ProgressLog(new RunLimits(30, 1000), left);
        Take(new OrchestrationStarted(Now, OrchestrationId.Parse("6745a1b2c3d4e5f601234567"), "w", new Platform("local", "_", ""), new PipelineDefinition("workflow", "", JsonBytes.EmptyObject, [.. steps]), JsonBytes.Null));
    }

    public DateTimeOffset Now { get; private set; } = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ProgressLog Log { get; }

    public List<LogLine> Lines { get; } = [];

    public RunScript Wait(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public RunScript Tick(double seconds)
    {
        Wait(seconds);
        Lines.AddRange(Log.Tick(Now));
        return this;
    }

    public RunScript Seal(string step, int count, int? parallelism = null)
    {
        _batches[step] = _batches.Count;
        return Take(new BatchSealed(Now, _batches[step], step, "", count, BatchOptions.Default with { Parallelism = parallelism }));
    }

    public RunScript Skip(string step) => Take(new StepSkipped(Now, step, "its condition is false"));

    public RunScript Start(string step, params IEnumerable<int> actions) => Each(actions, i => new AttemptStarted(Now, _batches[step], i, First, 1, TimeSpan.Zero));

    public RunScript Succeed(string step, params IEnumerable<int> actions) => Each(actions, i => new AttemptSucceeded(Now, _batches[step], i, 1, null, null, JsonBytes.Null, ObjectReport.None));

    /// <summary>An attempt succeeds, of which the platform says how many seconds it ran.</summary>
    public RunScript SucceedIn(double seconds, string step, int action) =>
        Take(new AttemptSucceeded(Now, _batches[step], action, 1, null, new ActivationTiming(Now.AddSeconds(-seconds), Now), JsonBytes.Null, ObjectReport.None));

    public RunScript Fail(string step, int action, double? retryIn = null, string? lacks = null) =>
        Take(new AttemptFailed(Now, _batches[step], action, 1, null, null, AttemptOutcome.ApplicationError, new Failure("Bad", "no luck"), ObjectReport.None, retryIn is { } s ? Now.AddSeconds(s) : null, true)
        {
            Lost = lacks is null ? [] : [ObjectKey.Parse(lacks)],
        });

    public RunScript Close(string step, int first, int count) => Take(new ActionsClosed(Now, _batches[step], [new IndexRange(first, count)], new Failure("FAIL_FAST", "x")));

    public RunScript GiveUp(string step, int action) => Take(new InputsLost(Now, _batches[step], action, new Failure("NO_PRODUCER", "in/film")));

    public RunScript End(string step) => Take(new BatchEnded(Now, _batches[step]));

    public StepProgress Step(string id) => Log.Progress.Steps.Single(s => s.Id == id);

    public string[] Screen(int width = 80, int height = 24) =>
        [.. ProgressScreen.Lines(Log.Progress, new RunLimits(30, 1000), Log.TimeLeft(Now), Now, width, height).Select(line => string.Concat(line.Select(p => p.Text)).TrimEnd())];

    private RunScript Each(IEnumerable<int> actions, Func<int, Fact> fact)
    {
        foreach (var action in actions)
            Take(fact(action));
        return this;
    }

    private RunScript Take(Fact fact)
    {
        Lines.AddRange(Log.Take(fact));
        return this;
    }
}
