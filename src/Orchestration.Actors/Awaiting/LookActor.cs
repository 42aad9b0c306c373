using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Namespaces;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Awaiting;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Awaiting;

/// <summary>
/// Looks at the activations that are awaited in this process. Many at once it looks for in the namespace's list, a page of which serves up to 200;
/// few, and those that ask for it, by a request for each.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class LookActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    // A page is one request: for fewer than this it saves nothing worth the records of others that it may bring.
    private const int ListFrom = 4;

    // The clocks of this process and of the platform may be apart; what starts earlier is found by looks of its own.
    private static readonly TimeSpan ClockMargin = TimeSpan.FromSeconds(10);
    private const string GatheringTimer = "gathering";

    private readonly IActionInvoker _invoker;
    private readonly AwaitedActivations _awaited;
    private readonly RequestMeter _requests;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private List<Asked> _due = [];

    public LookActor(IActionInvoker invoker, AwaitedActivations awaited, RequestMeter requests) => (_invoker, _awaited, _requests) = (invoker, awaited, requests);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActionInvoker invoker, AwaitedActivations awaited, RequestMeter requests) => Akka.Actor.Props.Create(() => new LookActor(invoker, awaited, requests));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LookProtocol.Look { Alone: true } look:
                LookAlone(new Asked(look, Sender));
                break;
            case LookProtocol.Look look:
                Gather(new Asked(look, Sender));
                break;
            case Gathered:
                SendGathered();
                break;
            case Listed listed:
                OnListed(listed);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Gather(Asked asked)
    {
        var pause = LookSchedule.Gathering(_awaited.Count);
        if (pause == TimeSpan.Zero && _due.Count == 0)
        {
            LookAlone(asked);
            return;
        }

        _due.Add(asked);
        if (!Timers.IsTimerActive(GatheringTimer))
            Timers.StartSingleTimer(GatheringTimer, new Gathered(), pause);
    }

    private void SendGathered()
    {
        var due = _due;
        _due = [];
        if (due.Count < ListFrom)
            due.ForEach(LookAlone);
        else
            ListAsync(due).PipeTo(Self, failure: e => new Listed(due, [], PageAnswer.NotOffered, e));
    }

    private void LookAlone(Asked asked)
    {
        _requests.Looked();
        var look = asked.Look;
        LookAsync(look).PipeTo(asked.Asker, success: reply => new LookProtocol.Looked(look.Ticket, reply), failure: e => new LookProtocol.LookFailed(look.Ticket, e));
    }

    // Whatever the invoker throws, at once or later, is the asker's to know: it waits for an answer.
    private async Task<InvokeReply> LookAsync(LookProtocol.Look look) => await _invoker.GetActivationAsync(look.Request, look.ActivationId, _stopping.Token);

    private async Task<Listed> ListAsync(List<Asked> due)
    {
        var wanted = new Dictionary<string, InvokeRequest>();
        foreach (var asked in due)
            wanted[asked.Look.ActivationId] = asked.Look.Request;
        var since = due.Min(a => a.Look.StartedAt) - ClockMargin;
        var found = new Dictionary<string, InvokeReply>();
        // At the worst as many pages as half of what looks at each would take: behind them lie records of others.
        var (pages, upTo, skip) = (Math.Max(1, due.Count / 2), (DateTimeOffset?)null, 0);
        while (true)
        {
            _requests.Listed();
            var page = await _invoker.ListActivationsAsync(wanted, since, upTo, skip, _stopping.Token);
            foreach (var (id, reply) in page.Found)
                if (wanted.Remove(id))
                    found.Add(id, reply);
            if (page.Answer != PageAnswer.Read)
                return new Listed(due, found, page.Answer, null);
            if (--pages == 0 || wanted.Count == 0 || page.Oldest is not { } oldest)
                return new Listed(due, found, PageAnswer.Read, null);
            // By the start a list can be gone through while it grows, but for more of one millisecond than a page holds.
            (upTo, skip) = oldest == upTo ? (upTo, skip + page.Count) : (oldest, 0);
        }
    }

    private void OnListed(Listed listed)
    {
        if (listed.Failure is { } failure && !_stopping.IsCancellationRequested)
            _log.Warning("The list of activations cannot be read ({0}); each activation is asked for by itself.", failure.Message);
        foreach (var asked in listed.Due)
        {
            var id = asked.Look.ActivationId;
            if (listed.Found.TryGetValue(id, out var reply))
                asked.Asker.Tell(new LookProtocol.Looked(asked.Look.Ticket, reply));
            else if (listed.Answer == PageAnswer.NotOffered)
                LookAlone(asked);
            else
                asked.Asker.Tell(new LookProtocol.Looked(asked.Look.Ticket, new InvokeReply.Accepted(id, Reached: listed.Answer == PageAnswer.Read)));
        }
    }

    private sealed record Asked(LookProtocol.Look Look, IActorRef Asker);

    private sealed record Gathered : ILocalMessage;

    private sealed record Listed(List<Asked> Due, Dictionary<string, InvokeReply> Found, PageAnswer Answer, Exception? Failure) : ILocalMessage;
}
