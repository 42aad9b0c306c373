using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestration.Actors.Admission;
using Orchestration.Actors.Invocations;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.SharedObjects;
using Orchestration.Actors.Telemetry;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Ports;
using Orchestration.Core.State;
using static Orchestration.Actors.Protocol.OrchestratorReplies;
using static Orchestration.Actors.Protocol.OrchestratorRequests;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// The single source of truth for one orchestration. Commands gather while a row is being written, then all of them are decided in order and stored as
/// one row; only then do replies and effects leave. It supervises a bounded pool of ActionActors.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed partial class OrchestratorActor : ReceivePersistentActor, IWithTimers
#pragma warning restore CA1001
{
    private const string WakeTimer = "wake";
    private const string IdleTimer = "idle";
    private const string SlotTimer = "slots";
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(500);

    private readonly OrchestrationId _id;
    private readonly OrchestratorEnvironment _environment;
    private readonly IActorRef _index;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<Pending> _gathered = new();
    private readonly ResultCache _cache;
    private readonly SlotPurse _slots;
    private readonly ActionWorkers _workers;
    private readonly GrantPurse _grants;
    private readonly Waiters _waiters = new();
    private readonly AdmissionTicket _ticket;
    private readonly RunTrace _trace;

    private OrchestrationState _state = OrchestrationState.Empty;
    private List<Pending> _inFlight = [];
    private Refusal? _foreign;
    private bool _writing;

    public OrchestratorActor(OrchestrationId id, OrchestratorEnvironment environment, IActorRef index)
    {
        (_id, _environment, _index) = (id, environment, index);
        JournalPluginId = environment.Settings.JournalPlugin;
        SnapshotPluginId = environment.Settings.SnapshotPlugin;
        _cache = new ResultCache(environment.Settings.ResultCacheBytes);
        _slots = new SlotPurse(Self, environment.Namespace);
        _workers = new ActionWorkers(environment, Context);
        _grants = new GrantPurse(id, Self, environment.Objects);
        _ticket = new AdmissionTicket(id, Self, environment.Admission);
        _trace = new RunTrace(id);

        RecoverState();
        TakeRequests();
        TakeReports();
        TakePlans();
        TakeGrants();
        TakeTurns();
        TakeStoreWork();
        TakeProgram();
    }

    public override string PersistenceId => JournalReader.PersistenceId(_id);

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    public static Props Props(OrchestrationId id, OrchestratorEnvironment environment, IActorRef index) =>
        Akka.Actor.Props.Create(() => new OrchestratorActor(id, environment, index));

    protected override SupervisorStrategy SupervisorStrategy() => ActionSupervision.Strategy;

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        if (cause is ConcurrentWriterException)
        {
            // Not a fault of the storage, which the base class would log: the region asks next who has it.
            Refuse("OWNER_LOST", $"The orchestration {_id} was taken over by another process, which has stored a row of it in the meantime. This process has stopped running it and stores nothing more of it.");
            return;
        }

        Refuse("STORAGE", $"The orchestration {_id} cannot be stored: {cause.Message} What was acknowledged is safe; resume it when the cause is mended.");
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        // Going on without the row would let the state and the journal part ways.
        Refuse("STORAGE", $"A row of the orchestration {_id} was rejected by the journal: {cause.Message}");
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void TakeRequests()
    {
        Command<StartOrchestration>(start =>
        {
            var reply = Sender;
            if (_state.Status == OrchestrationStatus.None && Obstacle(start.Pipeline) is { } obstacle)
            {
                reply.Tell(new Refused(obstacle.Code, obstacle.Message));
                AfterWrite();
                return;
            }

            if (_state.Status == OrchestrationStatus.None)
                _index.Tell(new IndexProtocol.Add(_id));
            Gather(new Start(Now, _id, start.Name, _environment.Platform, start.Pipeline, start.ClientData, _environment.Owner),
                refusal => _waiters.Started(reply, refusal));
        });
        Command<IndexProtocol.Added>(_ => _waiters.Indexed());
        Command<SubmitBatch>(submit => Gather(
            new AddBatch(Now, submit.Batch, _environment.Ids.NextActions(Now, submit.Batch.Actions.Length), false), Answer(Sender)));
        Command<CompleteOrchestration>(complete => Gather(new Complete(Now, complete.Output, false) { Abandoned = complete.Abandoned }, Answer(Sender)));
        Command<RetryActions>(Retry);
        Command<FailOrchestration>(fail => Gather(new Fail(Now, fail.Failure, null), Answer(Sender)));
        Command<CancelOrchestration>(cancel => Gather(new Cancel(Now, cancel.Reason), Answer(Sender)));
        Command<WaitForBatch>(wait => _waiters.Batch(Context.Watch(Sender), wait.Key, _state, _foreign));
        Command<WaitForEnd>(_ => _waiters.End(Context.Watch(Sender), _state, _foreign));
        Command<GetProgress>(_ => Sender.Tell(Views.Progress(_id, _state)));
        Command<GetResults>(AnswerResults);
        Command<Watch>(watch => _waiters.Watch(Context.Watch(watch.Watcher), _state));
        Command<Wake>(_ =>
        {
            Flush();
            Sender.Tell(_foreign is { } refusal ? new Refused(refusal.Code, refusal.Message) : Done.Instance);
        });
        Command<RegionProtocol.Begin>(_ => Flush());
        Command<RegionProtocol.Leave>(_ => Leave());
        Command<RegionProtocol.Lost>(lost =>
        {
            Refuse(lost.Refusal.Code, lost.Refusal.Message);
            Context.Stop(Self);
        });
        Command<CatalogProtocol.CaughtUp>(caughtUp => Forget(caughtUp.SequenceNr));
    }

    private void Retry(RetryActions retry)
    {
        var (reply, wasForgotten) = (Sender, _forgotten);
        if (_state.Ended)
        {
            // As before a start: it is unfinished again before that is acknowledged, and what follows its former end no longer counts.
            _waiters.ForgetIndexed();
            _index.Tell(new IndexProtocol.Add(_id));
            _forgotten = false;
        }

        Gather(new RetryFailed(Now, retry.Step, _environment.Owner, _environment.Platform), refusal =>
        {
            if (refusal is not null && wasForgotten)
                Forget(_endedAt);
            _waiters.Started(reply, refusal);
        });
    }

    private void TakeReports()
    {
        Command<AttemptProtocol.Accepted>(accepted =>
        {
            _slots.Answered(accepted.SentAt);
            Report(new ReportAccepted(Now, accepted.Attempt, accepted.ActivationId));
        });
        Command<AttemptProtocol.Ended>(ended =>
        {
            _workers.Finish(Sender, ended.Attempt);
            TellOf(ended);
            Report(new ReportEnd(Now, ended.Attempt, ended.Reply, Random.Shared.NextDouble()) { Recovery = RecoveryPolicy });
        });
        Command<AttemptProtocol.Crashed>(crashed =>
        {
            if (_workers.Remove(Sender) is { } attempt)
                OnCrash(attempt, crashed.Reason);
        });
        Command<Terminated>(terminated =>
        {
            if (_workers.Remove(terminated.ActorRef) is { } attempt)
                OnCrash(attempt, "it was stopped");
            else if (_waiters.Remove(terminated.ActorRef))
                AfterWrite();
        });
        Command<AwaitAgain>(again => AwaitAfterCrash(again.Attempt));
        Command<SlotProtocol.Granted>(granted =>
        {
            _slots.Granted(granted.Count, granted.Contended);
            Flush();
        });
        Command<AdmissionProtocol.Admitted>(admitted =>
        {
            _ticket.Admitted(admitted.Turn);
            Flush();
        });
        Command<SlotProtocol.Contended>(_ => _slots.Contended());
        Command<SlotProtocol.Busy>(_ =>
        {
            _slots.Refused();
            Timers.StartSingleTimer(SlotTimer, new Tick(), BusyPause);
        });
        Command<Tick>(_ => Flush());
        Command<Idle>(_ =>
        {
            if (IsIdle())
                Context.Parent.Tell(new RegionProtocol.MayLeave(_id));
        });
        Command<Loaded>(OnLoaded);
        Command<LoadAgain>(_ =>
        {
            _loading = false;
            _pipelineIsDue = true;
            Flush();
        });
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "The checkpoint of {0} was not saved; its next recovery replays more rows.", _id));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    private void TellOf(AttemptProtocol.Ended ended)
    {
        if (ended.Reply is InvokeReply.Failed { Pushback: { } how })
            _slots.TurnedAway(how, ended.SentAt);
        else if (ended.Reply is InvokeReply.Succeeded or InvokeReply.Failed { ActivationId: not null, Timing: not null })
            _slots.Answered(ended.SentAt);
    }

    private void OnCrash(AttemptRef attempt, string reason)
    {
        _log.Error("The actor that ran attempt {0} of action {1} in batch {2} of {3} failed: {4}", attempt.Number, attempt.Index, attempt.Batch, _id, reason);
        Report(new ReportCrash(Now, attempt, reason), _ => Timers.StartSingleTimer(attempt, new AwaitAgain(attempt), BusyPause));
    }

    // An attempt whose activation is known was not closed by the crash: another actor awaits it. The pause keeps a poisonous one from spinning.
    private void AwaitAfterCrash(AttemptRef attempt)
    {
        if (_state.Status != OrchestrationStatus.Running)
            return;
        var action = _state.Batches[attempt.Batch].Actions[attempt.Index];
        if (action is { Phase: ActionPhase.Running, ActivationId: not null } && action.Attempts == attempt.Number)
            _workers.Run(Effects.Run(_state, attempt.Batch, attempt.Index), _trace.Of(attempt));
    }

    private static Action<Refusal?> Answer(IActorRef reply) =>
        refusal => reply.Tell(refusal is null ? Done.Instance : new Refused(refusal.Code, refusal.Message));

    private void AnswerResults(GetResults get)
    {
        if (!_state.Keys.TryGetValue(get.Key, out var number))
            Sender.Tell(new Refused("NO_BATCH", $"The orchestration {_id} has no batch '{get.Key}'; it has {string.Join(", ", _state.Keys.Keys.Select(k => $"'{k}'"))}."));
        else if (!_state.Batches[number].Ended)
            Sender.Tell(new Refused("BATCH_RUNNING", $"The batch '{get.Key}' is still running; wait for its end."));
        else if (PipelineDriver.FromCache(_state.Batches[number], _cache) is { } results)
            Sender.Tell(new Results(results));
        else
            ResultLoader.LoadAsync(_environment.Journal, _id, _state.Batches[number])
                .PipeTo(Sender, success: loaded => new Results(loaded), failure: e => new Refused("STORAGE", $"The results of '{get.Key}' cannot be read: {e.Message}"));
    }

    private void Refuse(string code, string message)
    {
        var refusal = new Refusal(code, message);
        foreach (var pending in _inFlight.Concat(_gathered))
            pending.Answer?.Invoke(refusal);
        _waiters.RefuseAll(refusal);
    }

    /// <summary>A command that waits to be decided, and who is told when its facts are stored.</summary>
    private sealed record Pending(Command Command, Action<Refusal?>? Answer);

    private sealed record Tick : ILocalMessage;

    private sealed record Idle : ILocalMessage;

    private sealed record LoadAgain : ILocalMessage;

    private sealed record AwaitAgain(AttemptRef Attempt) : ILocalMessage;

    private sealed record Loaded(ImmutableDictionary<int, IReadOnlyList<ActionResult>> Results, Exception? Failure) : ILocalMessage;
}
