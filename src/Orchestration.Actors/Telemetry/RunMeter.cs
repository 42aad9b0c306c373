using System.Diagnostics.Metrics;
using Orchestration.Core.Facts;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Telemetry;

/// <summary>Counts what is stored, on the meter <see cref="OrchestrationTelemetry.Name"/>. Safe for many threads.</summary>
internal sealed class RunMeter : IDisposable
{
    // From what a warm no-op takes to the longest that OpenWhisk lets an action take.
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600] };

    private readonly Meter _meter;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _queued;

    public RunMeter(Platform platform)
    {
        _meter = new Meter(new MeterOptions(OrchestrationTelemetry.Name) { Tags = [new("openwhisk", platform.ApiHost), new("namespace", platform.Namespace)] });
        _rows = _meter.CreateCounter<long>("orchestration.rows", "{row}", "Rows that were stored.");
        _started = _meter.CreateCounter<long>("orchestration.runs.started", "{run}", "Orchestrations that were started.");
        _ended = _meter.CreateCounter<long>("orchestration.runs.ended", "{run}", "Orchestrations that have ended, by how.");
        _attempts = _meter.CreateCounter<long>("orchestration.attempts", "{attempt}", "Attempts that have ended, by action and outcome.");
        _duration = _meter.CreateHistogram<double>("orchestration.attempt.duration", "s", description: "What attempts took, as the platform tells, by action.", advice: Seconds);
        _queued = _meter.CreateHistogram<double>("orchestration.attempt.queued", "s", description: "How long actions were ready before an attempt of them started.", advice: Seconds);
    }

    /// <summary>Counts a stored row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="before">The state before it: what has ended is not described any more behind it.</param>
    public void Count(Commit row, OrchestrationState before)
    {
        _rows.Add(1);
        foreach (var fact in row.Facts)
        {
            switch (fact)
            {
                case OrchestrationStarted:
                    _started.Add(1);
                    break;
                case AttemptStarted started:
                    _queued.Record(started.Queued.TotalSeconds);
                    break;
                case AttemptSucceeded succeeded:
                    Ended(Name(before, succeeded.Batch, succeeded.Index), AttemptOutcomes.NameOf(AttemptOutcome.Success), succeeded.Timing);
                    break;
                case AttemptFailed failed:
                    Ended(Name(before, failed.Batch, failed.Index), AttemptOutcomes.NameOf(failed.Outcome), failed.Timing);
                    break;
                case OrchestrationCompleted:
                    Ended("completed");
                    break;
                case OrchestrationFailed:
                    Ended("failed");
                    break;
                case OrchestrationCancelled:
                    Ended("cancelled");
                    break;
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Ended(string status) => _ended.Add(1, new KeyValuePair<string, object?>("status", status));

    private void Ended(string? action, string outcome, ActivationTiming? timing)
    {
        _attempts.Add(1, new("action", action), new("outcome", outcome));
        if (timing is not null)
            _duration.Record((timing.End - timing.Start).TotalSeconds, new KeyValuePair<string, object?>("action", action));
    }

    private static string? Name(OrchestrationState state, int batch, int index) => state.Batches[batch].Actions[index].Spec?.Name;
}
