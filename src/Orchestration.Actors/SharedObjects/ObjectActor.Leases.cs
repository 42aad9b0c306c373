using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Json;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Actors.SharedObjects;

/// <summary>When a grant ends. OpenWhisk cannot cancel an activation, so that its orchestration has given it up says nothing.</summary>
internal sealed partial class ObjectActor
{
    private const string LeaseTimer = "lease";
    private const string SilenceTimer = "silence";
    private const string LookTimer = "look";

    // OpenWhisk's own greatest, unless it was configured otherwise.
    private static readonly TimeSpan LongestLimit = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _leaving = new();
    private TimeSpan _interval;

    protected override void PostStop()
    {
        _leaving.Cancel();
        _leaving.Dispose();
        base.PostStop();
    }

    private void TakeLeases()
    {
        Command<WriteProtocol.Holds>(holds => OnHolds(holds.Ticket, holds.Hold));
        Command<LeaseEnds>(_ => Inspect());
        Command<Silence>(silence =>
        {
            if (_state.Lease is { } lease && lease.Request.Ticket == silence.Ticket)
                OnSilence(lease);
        });
        Command<LimitKnown>(known => Gather(new WriteCommand.Extend(Now, known.Ticket, known.From + Budget(known.Limit), known.ActivationId, known.Silent)));
        Command<Look>(_ =>
        {
            if (_state.Lease is { ActivationId: { } activation } lease)
                LookAt(lease, activation);
        });
        Command<Looked>(OnLooked);
        // A region that cannot reach the orchestration answers in its stead: that is no answer of the holder.
        Command<OrchestratorReplies.Refused>(_ => { });
    }

    /// <summary>What the holder's orchestration says, by itself or because it was asked.</summary>
    private void OnHolds(WriteTicket ticket, Hold hold)
    {
        if (_state.Lease?.Request.Ticket == ticket)
            Timers.Cancel(SilenceTimer);
        switch (hold.Kind)
        {
            case HoldKind.Waiting:
                Gather(new WriteCommand.Extend(Now, ticket, Now + _queue.Lease, null, false));
                break;
            case HoldKind.Running or HoldKind.Abandoned when _state.Lease is { } lease && lease.Request.Ticket == ticket:
                AskLimit(lease, hold.StartedAt!.Value, hold.ActivationId, silent: false);
                break;
            case HoldKind.Over or HoldKind.Wrote:
                Gather(new WriteCommand.Release(Now, ticket, hold.Kind == HoldKind.Wrote));
                break;
        }
    }

    private void Rearm()
    {
        Timers.Cancel(SilenceTimer);
        Timers.Cancel(LookTimer);
        if (_state.Lease is not { } lease)
        {
            Timers.Cancel(LeaseTimer);
            return;
        }

        var left = lease.Until - Now;
        Timers.StartSingleTimer(LeaseTimer, new LeaseEnds(), left > TimeSpan.Zero ? left : TimeSpan.Zero);
        if (lease.ActivationId is null)
            return;
        _interval = _environment.Settings.Await.InitialInterval;
        Timers.StartSingleTimer(LookTimer, new Look(), _interval);
    }

    private void Inspect()
    {
        if (_state.Lease is not { } lease)
            return;
        var ticket = lease.Request.Ticket;
        _environment.Orchestrators.Tell(new EntityMessage(ticket.Orchestration, new WriteProtocol.Inspect(_key, ticket.Attempt)), Self);
        Timers.StartSingleTimer(SilenceTimer, new Silence(ticket), _environment.Settings.SharedObjects.AnswerWithin);
    }

    // It may have started its attempt at any time until now: it gets the whole time of an attempt once more, and then no further.
    private void OnSilence(WriteLease lease)
    {
        _log.Warning("The orchestration {0} does not say whether it still writes {1}.", lease.Request.Ticket.Orchestration, _key);
        if (!lease.Silent)
            AskLimit(lease, Now, null, silent: true);
        else if (lease.Until <= Now)
            Gather(new WriteCommand.Extend(Now, lease.Request.Ticket, Now, null, true));
    }

    private void AskLimit(WriteLease lease, DateTimeOffset from, string? activationId, bool silent) =>
        _environment.Invoker.GetTimeLimitAsync(lease.Request.ActionName, _leaving.Token).PipeTo(
            Self,
            success: limit => new LimitKnown(lease.Request.Ticket, from, activationId, silent, limit),
            failure: _ => new LimitKnown(lease.Request.Ticket, from, activationId, silent, LongestLimit));

    // Cold start and run are limited separately, as for an activation that counts as lost.
    private TimeSpan Budget(TimeSpan limit) => _environment.Settings.Await.QueueBudget + 2 * limit + _environment.Settings.Await.Grace;

    private void LookAt(WriteLease lease, string activation)
    {
        var (ticket, action, name) = lease.Request;
        var request = new InvokeRequest(ticket.Orchestration, action, ticket.Attempt.Number, name, JsonBytes.EmptyObject);
        _environment.Invoker.GetActivationAsync(request, activation, _leaving.Token)
            .PipeTo(Self, success: reply => new Looked(ticket, reply), failure: _ => new Looked(ticket, null));
    }

    private void OnLooked(Looked looked)
    {
        if (_state.Lease is not { ActivationId: not null } lease || lease.Request.Ticket != looked.Ticket)
            return;
        if (looked.Reply is InvokeReply.Succeeded or InvokeReply.Failed { Outcome: not (AttemptOutcome.Rejected or AttemptOutcome.Unavailable or AttemptOutcome.Unknown) })
        {
            // Its orchestration does not use the result: it is none of the writers that recovery repeats.
            Gather(new WriteCommand.Release(Now, looked.Ticket, false));
            return;
        }

        var settings = _environment.Settings.Await;
        _interval = TimeSpan.FromTicks(Math.Min((long)(_interval.Ticks * settings.Factor), settings.MaxInterval.Ticks));
        Timers.StartSingleTimer(LookTimer, new Look(), _interval);
    }

    private sealed record LeaseEnds : ILocalMessage;

    private sealed record Silence(WriteTicket Ticket) : ILocalMessage;

    private sealed record LimitKnown(WriteTicket Ticket, DateTimeOffset From, string? ActivationId, bool Silent, TimeSpan Limit) : ILocalMessage;

    private sealed record Look : ILocalMessage;

    private sealed record Looked(WriteTicket Ticket, InvokeReply? Reply) : ILocalMessage;
}
