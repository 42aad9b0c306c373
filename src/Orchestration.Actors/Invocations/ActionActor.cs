using System.Diagnostics;
using Akka.Actor;
using Orchestration.Actors.Awaiting;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Namespaces;
using Orchestration.Actors.Orchestrators;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Secrets;
using Orchestration.Core.Awaiting;
using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;

namespace Orchestration.Actors.Invocations;

/// <summary>
/// Runs one invocation at a time for its orchestrator and is reused for the next: POST, then looks at the activation by the schedule of its action.
/// Never throws for an expected failure; if it throws all the same, its orchestrator closes the attempt by the crash rule.
/// Its timers are the scheduler's, so that virtual time works.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class ActionActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private const string LookTimer = "look";

    // Until then the list of activations is trusted; later the record is asked for by itself, ever more rarely.
    private static readonly TimeSpan ListTrust = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ListTrustAfterResume = TimeSpan.FromSeconds(5);
    private const string DeadlineTimer = "deadline";
    private const string SearchTimer = "search";

    // This machine's clock and the platform's may be apart.
    private static readonly TimeSpan ClockMargin = TimeSpan.FromSeconds(10);

    private readonly IActionInvoker _invoker;
    private readonly AwaitSettings _settings;
    private readonly LookSchedule _schedule;
    private readonly IActorRef _looks;
    private readonly AwaitedActivations _awaited;
    private readonly RequestMeter _requests;
    private readonly SecretVault _secrets;
    private readonly IObjectStore? _store;
    private readonly IObjectStore? _checked;
    private readonly int _statParallelism;
    private Work? _work;

    public ActionActor(OrchestratorEnvironment environment)
    {
        (_invoker, _settings, _secrets) = (environment.Invoker, environment.Settings.Await, environment.Secrets);
        (_looks, _awaited, _requests) = (environment.Looks, environment.Awaited, environment.Requests);
        _schedule = new LookSchedule(_settings.InitialInterval, _settings.MaxInterval, _settings.Factor);
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
                Begin(run.Attempt, run.Span);
                break;
            case Replied replied when replied.Work == _work:
                On(replied.Reply);
                break;
            case LimitKnown known when known.Work == _work:
                _work.LostAt = _work.Attempt.StartedAt + _settings.QueueBudget + 2 * known.Limit + _settings.Grace;
                break;
            case Look look when look.Work == _work:
                LookAt(_work);
                break;
            case Search search when search.Work == _work:
                _invoker.FindActivationAsync(_work.Attempt.Request, _work.Attempt.StartedAt - ClockMargin, _work.Cancellation.Token)
                    .PipeTo(Self, success: found => new Replied(search.Work, found ?? search.Otherwise), failure: _ => new Replied(search.Work, search.Otherwise));
                break;
            case LookProtocol.Looked looked when looked.Ticket == _work:
                On(looked.Reply);
                break;
            case LookProtocol.LookFailed failed when failed.Ticket == _work:
                throw _secrets.Masked(failed.Cause);
            case DeadlinePassed passed when passed.Work == _work:
                End(OutOfTime(_work.Attempt));
                break;
            case Thrown thrown when thrown.Work == _work:
                throw _secrets.Masked(thrown.Exception);
            case Replied or LimitKnown or Look or Search or LookProtocol.Looked or LookProtocol.LookFailed or DeadlinePassed or Thrown:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Begin(Effect.RunAttempt attempt, Activity? span)
    {
        _work?.Dispose();
        var work = _work = new Work(attempt, span);
        if (attempt.ActivationId is null)
        {
            var request = _secrets.Resolve(attempt.Request, attempt.Secrets, out var turnedAway);
            if (turnedAway is not null)
            {
                End(turnedAway);
                return;
            }

            ArmDeadline(work);
            if (!attempt.IsCheck)
                _requests.Invoked();
            if (attempt.IsCheck)
                Call(work, c => InputCheck.RunAsync(_store, attempt, _statParallelism, c));
            else
                Call(work, c => attempt.Inputs.IsEmpty || _checked is null ? _invoker.InvokeAsync(request, c) : InvokeCheckedAsync(_checked, request, attempt, c));
            return;
        }

        _secrets.Learn(attempt.Secrets);

        // The deadline is armed after the first look that was answered: what ended while nobody looked counts as ended, not as late.
        Await(work, attempt.ActivationId, ListTrustAfterResume);
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
        if (reply is InvokeReply.Failed { Outcome: AttemptOutcome.Unknown } unknown && !work.IsSearched && _settings.UnknownGrace > TimeSpan.Zero)
        {
            // It may have been started, and what has ended by then need not run again.
            work.IsSearched = true;
            Timers.StartSingleTimer(SearchTimer, new Search(work, unknown), _settings.UnknownGrace);
            return;
        }

        if (reply is not InvokeReply.Accepted accepted)
        {
            End(reply);
            return;
        }

        if (work.ActivationId is null)
        {
            Context.Parent.Tell(new AttemptProtocol.Accepted(work.Attempt.Attempt, accepted.ActivationId, work.Attempt.StartedAt));
            Await(work, accepted.ActivationId, ListTrust);
        }
        else if (accepted.Reached && work.IsAlone && work.LostAt is { } lostAt && Now >= lostAt)
        {
            End(Failed(AttemptOutcome.Lost, "LOST", $"OpenWhisk has shown no record of activation {work.ActivationId} within the action's time limit plus grace ({lostAt - work.Attempt.StartedAt})."));
            return;
        }

        if (accepted.Reached)
            ArmDeadline(work);
        work.Interval = _schedule.Next(Now - work.Attempt.StartedAt, work.Interval, _awaited.UsualOf(work.Attempt.Request.Name));
        Timers.StartSingleTimer(LookTimer, new Look(work), work.Interval.Value);
    }

    private void Await(Work work, string activationId, TimeSpan trust)
    {
        work.ActivationId = activationId;
        work.Trust = trust;
        work.AloneAt = Now + trust;
        work.Begin(_awaited);
        _invoker.GetTimeLimitAsync(work.Attempt.Request.Name, work.Cancellation.Token)
            .PipeTo(Self, success: limit => new LimitKnown(work, limit), failure: e => new Thrown(work, e));
    }

    private void LookAt(Work work)
    {
        var now = Now;
        work.IsAlone = now >= work.AloneAt || now >= work.LostAt;
        if (now >= work.AloneAt)
        {
            work.Trust *= 2;
            work.AloneAt = now + work.Trust;
        }

        _looks.Tell(new LookProtocol.Look(work, work.Attempt.Request, work.ActivationId!, work.Attempt.StartedAt, work.IsAlone));
    }

    private void End(InvokeReply reply)
    {
        if (TimingOf(reply) is { } timing)
            _awaited.Took(_work!.Attempt.Request.Name, timing.End - timing.Start);
        var attempt = _work!.Attempt;
        _work.Dispose();
        _work = null;
        Timers.Cancel(LookTimer);
        Timers.Cancel(DeadlineTimer);
        Timers.Cancel(SearchTimer);
        Context.Parent.Tell(new AttemptProtocol.Ended(attempt.Attempt, _secrets.Masked(reply), attempt.StartedAt));
    }

    private void Call(Work work, Func<CancellationToken, Task<InvokeReply>> call)
    {
        var before = Activity.Current;
        Activity.Current = work.Span;
        call(work.Cancellation.Token).PipeTo(Self, success: reply => new Replied(work, reply), failure: e => new Thrown(work, e));
        Activity.Current = before;
    }

    private async Task<InvokeReply> InvokeCheckedAsync(IObjectStore store, InvokeRequest request, Effect.RunAttempt attempt, CancellationToken cancellation) =>
        await InputCheck.FindMissingAsync(store, attempt, _statParallelism, cancellation) ?? await _invoker.InvokeAsync(request, cancellation);

    private InvokeReply.Failed OutOfTime(Effect.RunAttempt attempt)
    {
        var (code, whose) = attempt.IsBatchDeadline ? (Core.Retries.Failure.StepTimeout, "what was left of the step's timeout") : ("ATTEMPT_TIMEOUT", "the policy's timeout");
        return Failed(AttemptOutcome.Timeout, code, $"The attempt did not end within {attempt.Deadline - attempt.StartedAt}, {whose}. The activation may go on at the platform.");
    }

    private InvokeReply.Failed Failed(AttemptOutcome outcome, string code, string message) =>
        new(_work!.ActivationId, null, outcome, new Core.Retries.Failure(code, message), ObjectReport.None);

    private static ActivationTiming? TimingOf(InvokeReply reply) => reply switch
    {
        InvokeReply.Succeeded succeeded => succeeded.Timing,
        InvokeReply.Failed { Outcome: AttemptOutcome.ApplicationError } failed => failed.Timing,
        _ => null,
    };

    private static TimeSpan Positive(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    private sealed class Work(Effect.RunAttempt attempt, Activity? span) : IDisposable
    {
        private AwaitedActivations? _awaited;

        public Effect.RunAttempt Attempt { get; } = attempt;

        public Activity? Span { get; } = span;

        public CancellationTokenSource Cancellation { get; } = new();

        public string? ActivationId { get; set; }

        public TimeSpan? Interval { get; set; }

        /// <summary>From when on the record is asked for by itself, and how long the list is trusted after that.</summary>
        public DateTimeOffset AloneAt { get; set; }

        public TimeSpan Trust { get; set; }

        /// <summary>Whether its record was looked for because the answer left open what became of it.</summary>
        public bool IsSearched { get; set; }

        /// <summary>Whether the look under way asks for the record by itself.</summary>
        public bool IsAlone { get; set; }

        public DateTimeOffset? LostAt { get; set; }

        public void Begin(AwaitedActivations awaited)
        {
            _awaited = awaited;
            awaited.Begin();
        }

        public void Dispose()
        {
            _awaited?.End();
            _awaited = null;
            Cancellation.Cancel();
            Cancellation.Dispose();
        }
    }

    private sealed record Replied(Work Work, InvokeReply Reply) : ILocalMessage;

    private sealed record LimitKnown(Work Work, TimeSpan Limit) : ILocalMessage;

    private sealed record Look(Work Work) : ILocalMessage;

    private sealed record Search(Work Work, InvokeReply Otherwise) : ILocalMessage;

    private sealed record DeadlinePassed(Work Work) : ILocalMessage;

    private sealed record Thrown(Work Work, Exception Exception) : ILocalMessage;
}

/// <summary>An invoker threw instead of answering with a value: a bug, left to supervision.</summary>
/// <param name="message">What it said.</param>
/// <param name="inner">What it threw; null when that holds the value of a secret.</param>
internal sealed class InvocationException(string message, Exception? inner) : Exception(message, inner);
