using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Facts;
using Orchestration.Core.Ports;
using Orchestration.Core.Scheduling;

namespace Orchestration.Actors.Namespaces;

/// <summary>
/// Gives out the slots of one OpenWhisk namespace on this node, so that all orchestrations together stay within its limits, fairly: free slots go round-robin to
/// those who wait. A holder that stops gives its slots back by that. When to give how many is the pacer's; this actor tells it the time and what happened.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class NamespaceActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private const string GrantTimer = "grant";
    private const string LimitsTimer = "limits";
    private static readonly TimeSpan BeforeAskingAgain = TimeSpan.FromMinutes(1);

    private readonly IActionInvoker _invoker;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PacingMeter _meter;
    private readonly RequestMeter _requests;
    private readonly List<IActorRef> _drainers = [];
    private NamespacePacer<IActorRef> _pacer;
    private bool _knowsLimits;
    private bool _isDraining;

    public NamespaceActor(OrchestrationSettings settings, Platform platform, IActionInvoker invoker, RequestMeter requests)
    {
        (_invoker, _requests, _patience) = (invoker, requests, settings.Pacing.LimitsPatience);
        _pacer = new NamespacePacer<IActorRef>(settings.MaxInFlight, settings.MaxWaiting, settings.Pacing.ClockTolerance);
        var scheduler = Context.System.Scheduler;
        _meter = new PacingMeter(platform, () => _pacer.Look(scheduler.Now));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    public static Props Props(OrchestrationSettings settings, Platform platform, IActionInvoker invoker, RequestMeter requests) =>
        Akka.Actor.Props.Create(() => new NamespaceActor(settings, platform, invoker, requests));

    protected override void PreStart()
    {
        AskForLimits();
        Timers.StartSingleTimer(LimitsTimer, new LimitsKnown(NamespaceLimits.None with { Reached = false }), _patience);
    }

    protected override void PostStop()
    {
        _meter.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    protected override void OnReceive(object message)
    {
        if (message is SlotProtocol.GetPacing)
        {
            Sender.Tell(_pacer.Look(Now) with { Requests = _requests.Counts });
            return;
        }

        var waiting = _pacer.Waiting;
        var counted = _pacer.CountsEachStart;
        if (!Take(message))
        {
            Unhandled(message);
            return;
        }

        Grant();
        // With the first to wait it is contended for all others, with the second for the first as well.
        if ((_pacer.CountsEachStart && !counted) || (_pacer.Waiting > waiting && waiting < 2))
            foreach (var holder in _pacer.Holders.Where(_pacer.ContendedFor))
                holder.Tell(SlotProtocol.Contended.Instance);
        if (_drainers.Count > 0 && _pacer.Look(Now).InFlight == 0)
        {
            foreach (var drainer in _drainers)
                drainer.Tell(SlotProtocol.Drained.Instance);
            _drainers.Clear();
        }
    }

    private bool Take(object message)
    {
        switch (message)
        {
            case SlotProtocol.Want want:
                Context.Watch(Sender);
                (_pacer, var taken) = _pacer.Want(Sender, want.Count);
                if (!taken)
                    Sender.Tell(SlotProtocol.Busy.Instance);
                return true;
            case SlotProtocol.Release release:
                _pacer = _pacer.Release(Sender, release.Count, release.Unstarted);
                return true;
            case SlotProtocol.Occupy occupy:
                Context.Watch(Sender);
                _pacer = _pacer.Occupy(Sender, occupy.Count);
                return true;
            case SlotProtocol.Used used:
                Take(used);
                return true;
            case SlotProtocol.TurnedAway away:
                Take(away);
                return true;
            case LimitsKnown known:
                Take(known);
                return true;
            case AskAgain:
                AskForLimits();
                return true;
            case SlotProtocol.Drain:
                _isDraining = true;
                _drainers.Add(Sender);
                // What they hold they give back when it is free, instead of using it again.
                foreach (var holder in _pacer.Holders)
                    holder.Tell(SlotProtocol.Contended.Instance);
                return true;
            case Terminated terminated:
                _pacer = _pacer.Forget(terminated.ActorRef);
                return true;
            case GrantNow:
                return true;
            default:
                return false;
        }
    }

    private void Take(SlotProtocol.Used used)
    {
        if (used.Started > 0)
            _pacer = _pacer.Start(Sender, used.Started, Now);
        if (used.Answered > 0)
            _pacer = _pacer.Answer(used.Answered, used.AnsweredSentAt, Now);
    }

    private void Take(SlotProtocol.TurnedAway away)
    {
        var before = _pacer.Look(Now);
        _pacer = _pacer.TurnAway(Sender, away.How, away.SentAt, Now, Random.Shared.NextDouble());
        _meter.TurnedAway(away.How.Kind);
        var after = _pacer.Look(Now);
        if ((before.PerMinute, before.Window) != (after.PerMinute, after.Window))
            _log.Info("OpenWhisk throttles: from now on {0} invocations a minute and {1} in flight at most.", after.PerMinute?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number of", after.Window);
    }

    private void Take(LimitsKnown known)
    {
        _knowsLimits = true;
        Timers.Cancel(LimitsTimer);
        _pacer = _pacer.Tell(known.Limits);
        if (!known.Limits.Reached)
            Timers.StartSingleTimer(LimitsTimer, new AskAgain(), BeforeAskingAgain);
    }

    private void Grant()
    {
        if (!_knowsLimits || _isDraining)
            return;
        (_pacer, var granted) = _pacer.Grant(Now);
        foreach (var (holder, count) in granted)
            holder.Tell(new SlotProtocol.Granted(count, _pacer.ContendedFor(holder)));
        if (_pacer.Waiting > 0 && _pacer.NextGrant(Now) is { } next)
            Timers.StartSingleTimer(GrantTimer, new GrantNow(), next > Now ? next - Now : TimeSpan.Zero);
    }

    private void AskForLimits() => _invoker.GetLimitsAsync(_stopping.Token)
        .PipeTo(Self, success: limits => new LimitsKnown(limits), failure: _ => new LimitsKnown(NamespaceLimits.None with { Reached = false }));

    private sealed record LimitsKnown(NamespaceLimits Limits) : ILocalMessage;

    private sealed record AskAgain : ILocalMessage;

    private sealed record GrantNow : ILocalMessage;
}
