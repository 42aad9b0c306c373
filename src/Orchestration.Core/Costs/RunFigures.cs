using System.Collections.Immutable;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Core.Costs;

/// <summary>
/// What costs and predictions are computed from: the numbers of one run in seconds and bytes. Of a run that the Python system recorded
/// they are those that it stored, so that its tools and this one compute the same.
/// </summary>
/// <param name="Id">The run.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartedAt">When it started, UTC.</param>
/// <param name="IsEnded">Whether it has ended; one that has not costs more later.</param>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="ActionSeconds">The durations of all ended attempts of this run together.</param>
/// <param name="InputSize">Bytes of the object that it read and never wrote; null when there is none.</param>
/// <param name="Actions">Its actions, in the order of the report.</param>
/// <param name="Objects">What it wrote, an entry for each object.</param>
public sealed record RunFigures(
    OrchestrationId Id,
    string Name,
    DateTimeOffset StartedAt,
    bool IsEnded,
    double Seconds,
    double ActionSeconds,
    long? InputSize,
    ImmutableArray<ActionFigures> Actions,
    ImmutableArray<ObjectFigures> Objects)
{
    /// <summary>The object that <see cref="InputSize"/> is of; null when there is none.</summary>
    public ObjectKey? Input { get; init; }

    /// <summary>Takes the numbers of a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="recorded">What the Python system stored of the run; null for a run of our own.</param>
    /// <returns>The numbers.</returns>
    public static RunFigures Of(OrchestrationReport report, RecordedFigures? recorded = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        var reads = report.Objects.SelectMany(o => o.Readers.Select(r => (Reader: r, o.Object))).ToLookup(r => r.Reader, r => r.Object);
        var producers = new Dictionary<ActionId, List<ObjectFigures>>();
        var objects = ImmutableArray.CreateBuilder<ObjectFigures>();
        foreach (var usage in report.Objects.Where(o => o.OrchestrationLifetime is not null))
        {
            var figures = new ObjectFigures(usage.Object, usage.OrchestrationLifetime!.Value.TotalSeconds, usage.PutSize ?? 0)
            {
                UntilLastRead = usage.Lifetime?.TotalSeconds,
            };
            objects.Add(figures);
            foreach (var writer in usage.Writers)
                (producers.TryGetValue(writer, out var list) ? list : producers[writer] = []).Add(figures);
        }

        ImmutableArray<ActionFigures> actions =
            [.. report.Actions.Select(a => ActionFigures.Of(a, recorded?.AttemptSeconds.GetValueOrDefault(a.Id), [.. producers.GetValueOrDefault(a.Id) ?? []]) with { Inputs = [.. reads[a.Id]] })];
        var input = report.Objects.Where(o => o.PutTime is null && o.GetTime is not null).MinBy(o => o.GetTime);
        return new RunFigures(
            report.Id,
            report.Name,
            report.StartedAt,
            report.Status is not (OrchestrationStatus.Running or OrchestrationStatus.Unknown),
            recorded?.Seconds ?? report.TimeTaken.TotalSeconds,
            recorded?.ActionSeconds ?? ActionSecondsOf(report),
            recorded?.InputSize ?? report.InputSize,
            actions,
            recorded is { Objects.IsDefault: false } ? recorded.Objects : objects.ToImmutable())
        {
            Input = input?.Object,
        };
    }

    private static double ActionSecondsOf(OrchestrationReport report) => report.Actions.SelectMany(a => a.Attempts).Where(ActionFigures.WasRun).Sum(a => a.Duration!.Value.TotalSeconds);
}

/// <summary>The numbers that the Python system stored of a run; those that it left out are null, default or missing.</summary>
/// <param name="Seconds"><c>time_taken</c>.</param>
/// <param name="ActionSeconds"><c>action_time_taken</c>.</param>
/// <param name="InputSize"><c>input_size</c>.</param>
/// <param name="Objects"><c>object_metrics</c>; default when the run has none.</param>
/// <param name="AttemptSeconds">By action, <c>time</c> of each of its <c>attempts</c>, those of other runs among them.</param>
public sealed record RecordedFigures(
    double? Seconds,
    double? ActionSeconds,
    long? InputSize,
    ImmutableArray<ObjectFigures> Objects,
    IReadOnlyDictionary<ActionId, ImmutableArray<double>> AttemptSeconds);

/// <summary>The numbers of one action in one run.</summary>
/// <param name="Id">The action.</param>
/// <param name="Name">Its name on OpenWhisk.</param>
/// <param name="Step">Its step.</param>
/// <param name="Index">Its place there, from 0 up.</param>
/// <param name="Attempts">Seconds of each attempt that has ended and reached the platform, in order.</param>
/// <param name="FailedSeconds">Of those, what attempts without success took.</param>
/// <param name="IsRerun">Whether it ran to make a lost object again.</param>
/// <param name="BytesRead">Bytes that all its attempts read.</param>
/// <param name="Objects">What it wrote.</param>
public sealed record ActionFigures(
    ActionId Id, string Name, string Step, int Index, ImmutableArray<double> Attempts, double FailedSeconds, bool IsRerun, long BytesRead, ImmutableArray<ObjectFigures> Objects)
{
    /// <summary>What it read.</summary>
    public ImmutableArray<ObjectKey> Inputs { get; init; } = [];

    /// <summary>Seconds of all its attempts together.</summary>
    public double Seconds => Attempts.Sum();

    /// <summary>The mean over its attempts, in seconds, which the Python tools call its runtime; 0 when it has none.</summary>
    public double MeanSeconds => Attempts.IsEmpty ? 0 : Attempts.Sum() / Attempts.Length;

    internal static bool WasRun(AttemptReport attempt) => attempt is { Duration: not null, Outcome: { } outcome } && AttemptOutcomes.WasRun(outcome);

    internal static ActionFigures Of(ActionReport action, ImmutableArray<double>? recorded, ImmutableArray<ObjectFigures> objects)
    {
        var ended = action.Attempts.Where(WasRun).ToList();
        return new ActionFigures(
            action.Id,
            action.Name,
            action.Step,
            action.Index,
            recorded is { IsDefault: false } known ? known : [.. ended.Select(a => a.Duration!.Value.TotalSeconds)],
            ended.Where(a => a.Outcome != AttemptOutcome.Success).Sum(a => a.Duration!.Value.TotalSeconds),
            action.Attempts.Any(a => a.Cause is not null),
            action.BytesRead,
            objects);
    }
}

/// <summary>One object that a run wrote.</summary>
/// <param name="Object">Which one.</param>
/// <param name="Lifetime">Seconds from its first write to the end of the run.</param>
/// <param name="Size">Its bytes.</param>
public sealed record ObjectFigures(ObjectKey Object, double Lifetime, long Size)
{
    /// <summary>Seconds from its first write to its last read; null when the run did not read it.</summary>
    public double? UntilLastRead { get; init; }
}
