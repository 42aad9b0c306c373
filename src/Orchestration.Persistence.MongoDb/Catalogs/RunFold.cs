using MongoDB.Bson;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using static Orchestration.Persistence.MongoDb.Catalogs.CatalogFields;

namespace Orchestration.Persistence.MongoDb.Catalogs;

/// <summary>Turns the commits of one orchestration into changes of documents. Knows no database.</summary>
internal sealed class RunFold
{
    private const int MaxErrorBytes = 1_000_000;
    private const int MaxParamsBytes = 6_000_000;

    private static readonly string[] AtEnd = [FinishTs, TimeTaken, ActionTimeTaken, ObjectMetrics, InputSize];

    private readonly OrchestrationId _id;
    private readonly ObjectId _oid;
    private readonly RunProgress _progress;
    private readonly Dictionary<(ChangedCollection, ObjectId), DocumentChange> _current = [];

    public RunFold(OrchestrationId id, RunProgress progress) => (_id, _oid, _progress) = (id, ObjectId.Parse(id.Value), progress);

    /// <summary>What is set on the orchestration's own document, beside <see cref="RunProgress"/>.</summary>
    public BsonDocument Set { get; } = [];

    /// <summary>What is removed from it.</summary>
    public BsonDocument Unset { get; } = [];

    /// <summary>One change for each document and commit, in order.</summary>
    public List<DocumentChange> Changes { get; } = [];

    /// <summary>When the run ended; null while it has not.</summary>
    public DateTimeOffset? Finish { get; private set; }

    /// <summary>Looks whether commits join a cursor.</summary>
    /// <exception cref="InvalidOperationException">One does not.</exception>
    public static void Check(CatalogBatch batch, long cursor)
    {
        foreach (var stored in batch.Commits.Where(c => c.SequenceNr > cursor))
        {
            if (stored.SequenceNr != cursor + 1)
                throw new InvalidOperationException($"Commit {stored.SequenceNr} of orchestration {batch.Id} does not join its cursor {cursor}: apply the commits from {cursor + 1} on first.");
            cursor++;
        }
    }

    /// <summary>Applies the commits beyond the cursor, which join it, and moves it.</summary>
    public void Apply(CatalogBatch batch)
    {
        foreach (var stored in batch.Commits.Where(c => c.SequenceNr > _progress.Cursor))
        {
            _progress.Cursor = stored.SequenceNr;
            _current.Clear();
            foreach (var fact in stored.Commit.Facts)
                Apply(fact);
        }
    }

    private void Apply(Fact fact)
    {
        switch (fact)
        {
            case OrchestrationStarted f:
                _progress.Start = f.Time;
                Set[Name] = f.Name;
                Set[CreationTs] = f.Time.UtcDateTime;
                SetOwn(Status, "running");
                SetOwn("api_host", f.Platform.ApiHost);
                SetOwn("namespace", f.Platform.Namespace);
                SetOwn("object_store", f.Platform.ObjectStore);
                SetOwn("pipeline", f.Pipeline is { } pipeline ? pipeline.Kind : BsonNull.Value);
                SetOwn(Reason, BsonNull.Value);
                break;
            case Resumed f:
                SetOwn("owner", f.Owner);
                SetOwn("epoch", f.Epoch);
                break;
            case ActionsAdded f:
                Add(f);
                break;
            case AttemptStarted f:
                _progress.Attempts++;
                _progress.Open[(f.Batch, f.Index)] = new OpenAttempt(f.ActionId, f.Attempt, f.Time);
                Change(ChangedCollection.Actions, f.ActionId, upsert: false).Set[LastAttemptTs] = f.Time.UtcDateTime;
                break;
            case ActivationAccepted f:
                if (_progress.Open.TryGetValue((f.Batch, f.Index), out var open) && open.Attempt == f.Attempt)
                    Change(ChangedCollection.Actions, open.Action, upsert: false).AddToSet(ActivationIds, f.ActivationId);
                break;
            case AttemptSucceeded f:
                _progress.Succeeded++;
                End(f, f.Batch, f.Index, f.Attempt, f.ActivationId, f.Timing, AttemptOutcome.Success, null, f.Objects);
                break;
            case AttemptFailed f:
                _progress.Failed += f.IsFinal ? 1 : 0;
                End(f, f.Batch, f.Index, f.Attempt, f.ActivationId, f.Timing, f.Outcome, f.Failure, f.Objects);
                break;
            case ActionsClosed f:
                _progress.Failed += f.Ranges.Sum(r => r.Count);
                break;
            case InputsLost:
                _progress.Failed++;
                break;
            case MadeElsewhere:
                _progress.Succeeded++;
                break;
            case ActionsReopened f:
                _progress.Failed -= f.Ranges.Sum(r => r.Count);
                break;
            case OrchestrationReopened:
                Reopen();
                break;
            case BatchSealed or LateOutcome or BatchEnded or ResultsCollected or StepSkipped or InputsPlanned or RerunGranted or ObjectsChanged or ChangePlanned:
                break;
            case OrchestrationCompleted:
                End(fact, "completed", null, null);
                break;
            case OrchestrationFailed f:
                End(fact, "failed", f.Failure.Message, f.Failure.Code);
                break;
            case OrchestrationCancelled f:
                End(fact, "cancelled", f.Reason, null);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "The catalog knows no such fact.");
        }
    }

    private void Add(ActionsAdded f)
    {
        _progress.Actions += f.Actions.Length;
        for (var i = 0; i < f.Actions.Length; i++)
        {
            var change = Change(ChangedCollection.Actions, f.IdOf(i), upsert: true);
            // Whoever made the action has the word about it; a re-run in another orchestration fills in what is missing, whichever is projected first.
            var members = f.Actions[i].Job is null ? change.Set : change.SetOnInsert;
            members[OrchId] = _oid;
            members[ActionName] = f.Actions[i].Name;
            members[ActionParams] = BsonJson.ToBson(f.Actions[i].Parameters, MaxParamsBytes) ?? BsonJson.Omitted(f.Actions[i].Parameters);
            members[CreationTs] = f.Time.UtcDateTime;
            members[NumAttempts] = 0;
            change.SetOnInsert[ActivationIds] = new BsonArray();
            change.SetOnInsert[LastAttemptTs] = BsonNull.Value;
            change.SetOnInsert[CatalogFields.Attempts] = new BsonArray();
            change.SetOnInsert[Error] = BsonNull.Value;
        }
    }

    private void End(Fact fact, int batch, int index, int attempt, string? activationId, ActivationTiming? timing, AttemptOutcome outcome, Failure? failure, ObjectReport objects)
    {
        if (!_progress.Open.Remove((batch, index), out var open))
            throw new InvalidDataException($"Attempt {attempt} of action {index} in batch {batch} of orchestration {_id} ended without having started.");
        var (start, end) = timing is { } t ? (t.Start, t.End) : (open.Start, fact.Time);
        var seconds = (end - start).TotalSeconds;
        _progress.ActionTime += seconds;
        var change = Change(ChangedCollection.Actions, open.Action, upsert: false);
        change.Set[Error] = failure is null ? BsonNull.Value : ErrorOf(failure);
        if (activationId is not null)
            change.AddToSet(ActivationIds, activationId);
        // What OpenWhisk refused, or was never asked, is no attempt in the sense of the old system: there was no activation.
        if (!AttemptOutcomes.WasRun(outcome))
            return;
        _progress.RunTime += seconds;
        change.Push(CatalogFields.Attempts, new BsonDocument { { "start", start.UtcDateTime }, { "end", end.UtcDateTime }, { Time, seconds }, { OrchId, _oid } });
        if (objects.IsEmpty)
            return;
        var store = Change(ChangedCollection.ActionStore, open.Action, upsert: true);
        store.Set[StoredActionId] = open.Action.Value;
        store.Set[OrchId] = _id.Value;
        foreach (var put in objects.Writes)
        {
            store.Push(ObjectsPut, Access(put, withSize: true));
            if (outcome != AttemptOutcome.Success)
                store.Push(OwnOf(FailedPuts), Access(put, withSize: false));
        }

        foreach (var get in objects.Reads)
            store.Push(ObjectsGet, Access(get, withSize: true));
        foreach (var miss in objects.Missing)
            store.Push(ErrorGet, Access(miss, withSize: false));
    }

    private void End(Fact fact, string status, string? reason, string? code)
    {
        Finish = fact.Time;
        Unset.Clear();
        SetOwn(Status, status);
        SetOwn(Reason, reason is null ? BsonNull.Value : reason);
        SetOwn("error_code", code is null ? BsonNull.Value : code);
        Set[FinishTs] = fact.Time.UtcDateTime;
        Set[TimeTaken] = (fact.Time - _progress.Start).TotalSeconds;
        Set[ActionTimeTaken] = _progress.RunTime;
    }

    // A run without an end has none of the members that the end gives it.
    private void Reopen()
    {
        Finish = null;
        SetOwn(Status, "running");
        SetOwn(Reason, BsonNull.Value);
        SetOwn("error_code", BsonNull.Value);
        foreach (var member in AtEnd)
        {
            Set.Remove(member);
            Unset[member] = "";
        }
    }

    private void SetOwn(string name, BsonValue value) => Set[OwnOf(name)] = value;

    private DocumentChange Change(ChangedCollection collection, ActionId action, bool upsert)
    {
        var key = (collection, ObjectId.Parse(action.Value));
        var change = new DocumentChange(collection, key.Item2, _progress.Cursor, upsert);
        if (_current.TryGetValue(key, out var known))
        {
            known.Merge(change);
            return known;
        }

        _current.Add(key, change);
        Changes.Add(change);
        return change;
    }

    private static BsonValue ErrorOf(Failure failure) =>
        (failure.Raw is { } raw ? BsonJson.ToBson(raw, MaxErrorBytes) : null)
        ?? new BsonDocument { { "code", failure.Code is null ? BsonNull.Value : failure.Code }, { "message", failure.Message.Length > MaxErrorBytes ? failure.Message[..MaxErrorBytes] : failure.Message }, { "meta", BsonNull.Value } };

    private BsonDocument Access(ObjectAccess access, bool withSize)
    {
        var entry = new BsonDocument { { OrchId, _oid }, { CatalogFields.Object, access.Object.Value } };
        if (withSize)
            entry.Add(Size, BsonJson.Integer(access.Size));
        return entry.Add(Time, access.Time.UtcDateTime);
    }
}
