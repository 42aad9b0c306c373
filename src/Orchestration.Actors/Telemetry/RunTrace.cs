using System.Diagnostics;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Retries;
using Orchestration.Core.State;

namespace Orchestration.Actors.Telemetry;

/// <summary>
/// The spans of one orchestration while this process runs it: the orchestration, its batches, their attempts. Everything of an orchestration is in one trace, in whichever
/// processes it ran: the trace's id is the orchestration's with eight zeros behind it.
/// </summary>
/// <param name="id">The orchestration.</param>
internal sealed class RunTrace(OrchestrationId id)
{
    private readonly Dictionary<int, Activity> _batches = [];
    private readonly Dictionary<AttemptRef, Activity> _attempts = [];
    private Activity? _run;

    /// <summary>The span of an attempt that goes on; null when nobody listens.</summary>
    public Activity? Of(AttemptRef attempt) => _attempts.GetValueOrDefault(attempt);

    /// <summary>Follows what was stored.</summary>
    /// <param name="row">The row.</param>
    /// <param name="state">The state after it.</param>
    public void Follow(Commit row, OrchestrationState state)
    {
        if (_run is null && !OrchestrationTelemetry.Source.HasListeners())
            return;
        foreach (var fact in row.Facts)
            Follow(fact, state);
    }

    /// <summary>This process stops running it.</summary>
    public void Stop()
    {
        foreach (var attempt in _attempts.Values)
            attempt.Dispose();
        foreach (var batch in _batches.Values)
            batch.Dispose();
        _run?.Dispose();
        _attempts.Clear();
        _batches.Clear();
        _run = null;
    }

    private void Follow(Fact fact, OrchestrationState state)
    {
        switch (fact)
        {
            case OrchestrationStarted or Resumed or OrchestrationReopened:
                _run ??= Start($"orchestration {state.Started?.Name}", Root(), fact.Time, new("orchestration.id", id.Value), new("orchestration.resumed", fact is not OrchestrationStarted));
                break;
            case AttemptStarted started:
                var action = state.Batches[started.Batch].Actions[started.Index];
                if (Batch(started.Batch, state, fact.Time) is { } parent
                    && Start($"attempt {action.Spec!.Name}", parent.Context, fact.Time, new("orchestration.id", id.Value), new("orchestration.action.id", started.ActionId.Value), new("orchestration.action", action.Spec!.Name),
                        new("orchestration.step", state.Batches[started.Batch].Key), new("orchestration.index", started.Index), new("orchestration.attempt", started.Attempt)) is { } attempt)
                    _attempts[new AttemptRef(started.Batch, started.Index, started.Attempt)] = attempt;
                break;
            case AttemptSucceeded succeeded:
                End(new AttemptRef(succeeded.Batch, succeeded.Index, succeeded.Attempt), succeeded.ActivationId, null, fact.Time);
                break;
            case AttemptFailed failed:
                End(new AttemptRef(failed.Batch, failed.Index, failed.Attempt), failed.ActivationId, failed, fact.Time);
                break;
            case BatchEnded ended:
                if (_batches.Remove(ended.Batch, out var batch))
                    End(batch, fact.Time);
                break;
            case OrchestrationCompleted:
                Finish(fact.Time, null);
                break;
            case OrchestrationFailed failure:
                Finish(fact.Time, failure.Failure.Code);
                break;
            case OrchestrationCancelled:
                Finish(fact.Time, "CANCELLED");
                break;
        }
    }

    private Activity? Batch(int number, OrchestrationState state, DateTimeOffset time)
    {
        if (_run is null)
            return null;
        if (_batches.TryGetValue(number, out var known))
            return known;
        var batch = Start($"batch {state.Batches[number].Key}", _run.Context, time, new("orchestration.id", id.Value), new("orchestration.step", state.Batches[number].Key), new("orchestration.actions", state.Batches[number].Actions.Count));
        if (batch is not null)
            _batches.Add(number, batch);
        return batch;
    }

    private void End(AttemptRef attempt, string? activationId, AttemptFailed? failed, DateTimeOffset time)
    {
        if (!_attempts.Remove(attempt, out var activity))
            return;
        activity.SetTag("openwhisk.activation.id", activationId);
        activity.SetTag("orchestration.outcome", AttemptOutcomes.NameOf(failed?.Outcome ?? AttemptOutcome.Success));
        // The message may be what an action said, and hold anything.
        if (failed is not null)
            activity.SetStatus(ActivityStatusCode.Error, failed.Failure.Code);
        End(activity, time);
    }

    private void Finish(DateTimeOffset time, string? problem)
    {
        if (problem is not null)
            _run?.SetStatus(ActivityStatusCode.Error, problem);
        _run?.SetEndTime(time.UtcDateTime);
        Stop();
    }

    private static void End(Activity activity, DateTimeOffset time)
    {
        activity.SetEndTime(time.UtcDateTime);
        activity.Dispose();
    }

    // Source of the ids' lengths: W3C Trace Context, 3.2.2.3 and 3.2.2.4.
    private ActivityContext Root() => new(ActivityTraceId.CreateFromString(id.Value + "00000000"), ActivitySpanId.CreateFromString(id.Value.AsSpan(8)), ActivityTraceFlags.Recorded, isRemote: true);

    private static Activity? Start(string name, ActivityContext parent, DateTimeOffset time, params KeyValuePair<string, object?>[] tags)
    {
        var before = Activity.Current;
        try
        {
            return OrchestrationTelemetry.Source.StartActivity(name, ActivityKind.Internal, parent, tags, null, time);
        }
        finally
        {
            // Nothing else of this thread belongs to it.
            Activity.Current = before;
        }
    }
}
