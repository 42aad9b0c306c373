using Akka.Actor;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Secrets;
using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Invocations;

/// <summary>
/// Runs one invocation at a time for its orchestrator and is reused for the next: POST, then looks at the activation with growing intervals.
/// Never throws for an expected failure; if it throws all the same, its orchestrator closes the attempt by the crash rule.
/// Its timers are the scheduler's, so that virtual time works.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class ActionActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private const string LookTimer = "look";
    private const string DeadlineTimer = "deadline";

    private readonly IActionInvoker _invoker;
    private readonly AwaitSettings _settings;
    private readonly SecretVault _secrets;
    private readonly IObjectStore? _store;
    private readonly IObjectStore? _checked;
    private readonly int _statParallelism;
    private Work? _work;

    public ActionActor(OrchestratorEnvironment environment)
    {
        (_invoker, _settings, _secrets) = (environment.Invoker, environment.Settings.Await, environment.Secrets);
        (_store, _statParallelism) = (environment.ObjectStore, environment.Settings.Lineage.StatParallelism);
        _checked = environment.Settings.Lineage.CheckInputs ? _store : null;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    public static Props Props(OrchestratorEnvironment environment) => Akka.Actor.Props.Create(() => new ActionActor(environment));

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e) when (_work is { } work)
        {
            // Only here is the reason known; the supervisor's notice that this actor stopped comes behind this message.
            Context.Parent.Tell(new AttemptProtocol.Crashed(work.Attempt.Attempt, e.Message));
            throw;
        }
    }

    protected override void PostStop() => _work?.Dispose();

    private void Handle(object message)
    {
        switch (message)
        {
            case AttemptProtocol.Run run:
                Begin(run.Attempt);
                break;
            case Replied replied when replied.Work == _work:
                On(replied.Reply);
                break;
            case LimitKnown known when known.Work == _work:
                _work.LostAt = _work.Attempt.StartedAt + _settings.QueueBudget + 2 * known.Limit + _settings.Grace;
                break;
            case Look look when look.Work == _work:
                Call(_work, c => _invoker.GetActivationAsync(_work.Attempt.Request, _work.ActivationId!, c));
                break;
            case DeadlinePassed passed when passed.Work == _work:
                End(OutOfTime(_work.Attempt));
                break;
            case Thrown thrown when thrown.Work == _work:
                throw _secrets.Masked(thrown.Exception);
            case Replied or LimitKnown or Look or DeadlinePassed or Thrown:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Begin(Effect.RunAttempt attempt)
    {
        _work?.Dispose();
        var work = _work = new Work(attempt);
        if (attempt.ActivationId is null)
        {
            var request = _secrets.Resolve(attempt.Request, attempt.Secrets, out var turnedAway);
            if (turnedAway is not null)
            {
                End(turnedAway);
                return;
            }

            ArmDeadline(work);
            if (attempt.IsCheck)
                Call(work, c => InputCheck.RunAsync(_store, attempt, _statParallelism, c));
            else
                Call(work, c => attempt.Inputs.IsEmpty || _checked is null ? _invoker.InvokeAsync(request, c) : InvokeCheckedAsync(_checked, request, attempt, c));
            return;
        }

        _secrets.Learn(attempt.Secrets);

        // The deadline is armed after the first look that was answered: what ended while nobody looked counts as ended, not as late.
        Await(work, attempt.ActivationId);
        Self.Tell(new Look(work));
    }

    private void ArmDeadline(Work work)
    {
        if (work.Attempt.Deadline is { } deadline && !Timers.IsTimerActive(DeadlineTimer))
            Timers.StartSingleTimer(DeadlineTimer, new DeadlinePassed(work), Positive(deadline - Now));
    }

    private void On(InvokeReply reply)
    {
        var work = _work!;
        if (reply is not InvokeReply.Accepted accepted)
        {
            End(reply);
            return;
        }

        if (work.ActivationId is null)
        {
            Context.Parent.Tell(new AttemptProtocol.Accepted(work.Attempt.Attempt, accepted.ActivationId, work.Attempt.StartedAt));
            Await(work, accepted.ActivationId);
        }
        else if (accepted.Reached && work.LostAt is { } lostAt && Now >= lostAt)
        {
            End(Failed(AttemptOutcome.Lost, "LOST", $"OpenWhisk has shown no record of activation {work.ActivationId} within the action's time limit plus grace ({lostAt - work.Attempt.StartedAt})."));
            return;
        }

        if (accepted.Reached)
            ArmDeadline(work);
        Timers.StartSingleTimer(LookTimer, new Look(work), work.Interval);
        work.Interval = TimeSpan.FromTicks(Math.Min((long)(work.Interval.Ticks * _settings.Factor), _settings.MaxInterval.Ticks));
    }

    private void Await(Work work, string activationId)
    {
        work.ActivationId = activationId;
        work.Interval = _settings.InitialInterval;
        _invoker.GetTimeLimitAsync(work.Attempt.Request.Name, work.Cancellation.Token)
            .PipeTo(Self, success: limit => new LimitKnown(work, limit), failure: e => new Thrown(work, e));
    }

    private void End(InvokeReply reply)
    {
        var attempt = _work!.Attempt;
        _work.Dispose();
        _work = null;
        Timers.Cancel(LookTimer);
        Timers.Cancel(DeadlineTimer);
        Context.Parent.Tell(new AttemptProtocol.Ended(attempt.Attempt, _secrets.Masked(reply), attempt.StartedAt));
    }

    private void Call(Work work, Func<CancellationToken, Task<InvokeReply>> call) =>
        call(work.Cancellation.Token).PipeTo(Self, success: reply => new Replied(work, reply), failure: e => new Thrown(work, e));

    private async Task<InvokeReply> InvokeCheckedAsync(IObjectStore store, InvokeRequest request, Effect.RunAttempt attempt, CancellationToken cancellation) =>
        await InputCheck.FindMissingAsync(store, attempt, _statParallelism, cancellation) ?? await _invoker.InvokeAsync(request, cancellation);

    private InvokeReply.Failed OutOfTime(Effect.RunAttempt attempt)
    {
        var (code, whose) = attempt.IsBatchDeadline ? (Core.Retries.Failure.StepTimeout, "what was left of the step's timeout") : ("ATTEMPT_TIMEOUT", "the policy's timeout");
        return Failed(AttemptOutcome.Timeout, code, $"The attempt did not end within {attempt.Deadline - attempt.StartedAt}, {whose}. The activation may go on at the platform.");
    }

    private InvokeReply.Failed Failed(AttemptOutcome outcome, string code, string message) =>
        new(_work!.ActivationId, null, outcome, new Core.Retries.Failure(code, message), ObjectReport.None);

    private static TimeSpan Positive(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    private sealed class Work(Effect.RunAttempt attempt) : IDisposable
    {
        public Effect.RunAttempt Attempt { get; } = attempt;

        public CancellationTokenSource Cancellation { get; } = new();

        public string? ActivationId { get; set; }

        public TimeSpan Interval { get; set; }

        public DateTimeOffset? LostAt { get; set; }

        public void Dispose()
        {
            Cancellation.Cancel();
            Cancellation.Dispose();
        }
    }

    private sealed record Replied(Work Work, InvokeReply Reply) : ILocalMessage;

    private sealed record LimitKnown(Work Work, TimeSpan Limit) : ILocalMessage;

    private sealed record Look(Work Work) : ILocalMessage;

    private sealed record DeadlinePassed(Work Work) : ILocalMessage;

    private sealed record Thrown(Work Work, Exception Exception) : ILocalMessage;
}

/// <summary>An invoker threw instead of answering with a value: a bug, left to supervision.</summary>
/// <param name="message">What it said.</param>
/// <param name="inner">What it threw; null when that holds the value of a secret.</param>
internal sealed class InvocationException(string message, Exception? inner) : Exception(message, inner);
