using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Hosting;
using Orchestration.Actors.Journal;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Recovery;

/// <summary>
/// Plans for one orchestrator how lost objects are made again: gathers the lineage from the journal when it is first needed, looks into the object
/// store, asks the catalog for writers in other orchestrations. It decides nothing and stores nothing: the orchestrator decides about the plan.
/// </summary>
#pragma warning disable CA1001 // An actor's resources end in PostStop.
internal sealed class RecoveryActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private static readonly Dictionary<ObjectKey, ObjectWriter> None = [];
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatalogPatience = TimeSpan.FromSeconds(10);

    private readonly OrchestrationId _id;
    private readonly OrchestrationId? _heals;
    private readonly JournalReader _journal;
    private readonly LineageSettings _settings;
    private readonly IObjectStore? _store;
    private readonly IObjectHistory? _history;
    private readonly IActorRef _catalog;
    private readonly IActorRef _objects;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<object> _waiting = new();
    private Lineage _lineage = new();
    private long _read;
    private bool _busy;

    public RecoveryActor(
        OrchestrationId id, OrchestrationId? heals, JournalReader journal, LineageSettings settings, IObjectStore? store, IObjectHistory? history, IActorRef catalog, IActorRef objects) =>
        (_id, _heals, _journal, _settings, _store, _history, _catalog, _objects) = (id, heals, journal, settings, store, history, catalog, objects);

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A planner for one orchestrator.</summary>
    /// <param name="id">The orchestration.</param>
    /// <param name="heals">The orchestration whose objects it makes again; null when it does not do that alone.</param>
    /// <param name="journal">Reads lineages.</param>
    /// <param name="settings">The bounds.</param>
    /// <param name="store">Where objects are looked for; null when there is none.</param>
    /// <param name="history">Tells who wrote an object in other orchestrations; null when nobody can.</param>
    /// <param name="catalog">Told to catch up before that; nobody when there is none.</param>
    /// <param name="objects">Tells in which order the writers of a shared object wrote.</param>
    public static Props Props(
        OrchestrationId id, OrchestrationId? heals, JournalReader journal, LineageSettings settings, IObjectStore? store, IObjectHistory? history, IActorRef catalog, IActorRef objects) =>
        Akka.Actor.Props.Create(() => new RecoveryActor(id, heals, journal, settings, store, history, catalog, objects));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RecoveryProtocol.Plan or RecoveryProtocol.FindReaders:
                _waiting.Enqueue(message);
                Next();
                break;
            case Answered answered:
                _busy = false;
                Context.Parent.Tell(answered.Answer);
                Next();
                break;
            case Failed failed:
                _busy = false;
                _log.Warning("Lost objects of {0} cannot be planned for now ({1}); trying again.", _id, failed.Cause.Message);
                // What was taken in of a row that was read in part only is not known.
                (_lineage, _read) = (new Lineage(), 0);
                Timers.StartSingleTimer(failed.Question, failed.Question, RetryPause);
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

    private void Next()
    {
        if (_busy || !_waiting.TryDequeue(out var question))
            return;
        _busy = true;
        AnswerAsync(question).PipeTo(Self, success: answer => new Answered(answer), failure: e => new Failed(question, e));
    }

    private async Task<object> AnswerAsync(object question)
    {
        var upTo = question is RecoveryProtocol.Plan p ? p.UpTo : ((RecoveryProtocol.FindReaders)question).UpTo;
        await foreach (var row in _journal.ReadAsync(_id, _read + 1, upTo, _stopping.Token))
        {
            _lineage.Add(row.Commit);
            _read = row.SequenceNr;
        }

        return question switch
        {
            RecoveryProtocol.Plan plan => new RecoveryProtocol.Planned([.. plan.Readers.Select(r => r.Reader)], await PlanAsync([.. plan.Readers.SelectMany(r => r.Lost).Distinct()]), upTo),
            RecoveryProtocol.FindReaders find => new RecoveryProtocol.ReadersFound(find.Objects, [.. find.Objects.SelectMany(_lineage.Readers).DistinctBy(r => r.Id)]),
            _ => throw new ArgumentOutOfRangeException(nameof(question), question.GetType().Name, "No such question."),
        };
    }

    private async Task<RecoveryPlan> PlanAsync(IReadOnlyCollection<ObjectKey> targets)
    {
        try
        {
            return await PlanAsync(targets, _store is not null);
        }
        catch (ObjectStoreException e)
        {
            _log.Warning("The object store does not tell which objects are there ({0}); the actions that fail will.", e.Message);
            return await PlanAsync(targets, seesStore: false);
        }
    }

    private async Task<RecoveryPlan> PlanAsync(IReadOnlyCollection<ObjectKey> targets, bool seesStore)
    {
        var others = new Dictionary<OrchestrationId, Lineage>();
        if (_heals is { } healed)
            await LineageOfAsync(healed, others);
        LineageAction? Known(ObjectKey key) => _lineage.Producer(key) ?? others.Values.Select(o => o.Producer(key)).FirstOrDefault(a => a is not null);
        var isCaughtUp = false;
        return await new RecoveryPlanner(targets, Known, _settings.MaxDepth, seesStore).RunAsync(
            keys => Presence.LookAsync(_store!, keys, _settings.StatParallelism, _stopping.Token),
            async keys =>
            {
                var writers = _history is null ? None : await AskHistoryAsync(_history, keys, isCaughtUp);
                isCaughtUp = true;
                var latest = new Dictionary<ObjectKey, LineageAction?>();
                foreach (var key in keys)
                {
                    // Whoever wrote it last of all; where nobody tells, what is known here counts. Of this orchestration's own actions the catalog
                    // knows more where they told of their objects there and not in their replies.
                    var told = !writers.TryGetValue(key, out var writer) ? null
                        : writer.Action ?? (writer.Orchestration == _id ? null : (await LineageOfAsync(writer.Orchestration, others)).Producer(key));
                    latest[key] = told ?? Known(key);
                }

                return latest;
            },
            key => WritersOfAsync(key, others));
    }

    private async Task<IReadOnlyDictionary<ObjectKey, ObjectWriter>> AskHistoryAsync(IObjectHistory history, IReadOnlyList<ObjectKey> keys, bool isCaughtUp)
    {
        try
        {
            // What other orchestrations stored a moment ago counts too.
            if (!isCaughtUp && !_catalog.IsNobody())
                await _catalog.Ask<CatalogProtocol.AllCaughtUp>(new CatalogProtocol.CatchUpAll(), CatalogPatience, _stopping.Token);
            return await history.FindWritersAsync(keys, _stopping.Token);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested && keys.All(k => _lineage.Producer(k) is not null))
        {
            _log.Warning("The catalog does not tell who wrote objects last ({0}); of what {1} wrote itself, its own actions count.", e.Message, _id);
            return None;
        }
    }

    private async Task<ImmutableArray<LineageAction>> WritersOfAsync(ObjectKey key, Dictionary<OrchestrationId, Lineage> others)
    {
        var mailbox = await _objects.Ask<WriteProtocol.Writers>(new ObjectMessage(key, new WriteProtocol.GetWriters()), CatalogPatience, _stopping.Token);
        foreach (var id in mailbox.Completed.Select(w => w.Ticket.Orchestration).Distinct().Where(i => i != _id))
            await LineageOfAsync(id, others);
        return WriterOrder.Of(key, mailbox.Completed, mailbox.Forgotten, new Dictionary<OrchestrationId, Lineage>(others.Prepend(KeyValuePair.Create(_id, _lineage))));
    }

    private async Task<Lineage> LineageOfAsync(OrchestrationId id, Dictionary<OrchestrationId, Lineage> others)
    {
        if (others.TryGetValue(id, out var lineage))
            return lineage;
        others.Add(id, lineage = new Lineage());
        await foreach (var row in _journal.ReadAsync(id, 1, long.MaxValue, _stopping.Token))
            lineage.Add(row.Commit);
        return lineage;
    }

    private sealed record Answered(object Answer) : ILocalMessage;

    private sealed record Failed(object Question, Exception Cause) : ILocalMessage;
}
