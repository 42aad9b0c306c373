using System.Collections.Immutable;
using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Recovery;
using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// How an orchestrator shares re-runs with others: it asks the system's ledger for its turn for every re-run that could start, and before one starts looks whether
/// somebody has made its objects meanwhile. Turns of re-runs that wait for nothing but own ones are asked for ahead of time, so that a chain goes as fast as its actions.
/// </summary>
internal sealed partial class OrchestratorActor
{
    private const string ClaimTimer = "claim";
    private static readonly TimeSpan ClaimInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MailboxPatience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ActionId, Place> _claimed = [];
    private readonly TurnsAhead _turnsAhead = new();
    private ImmutableSortedSet<Place> _told = [];

    private void TakeTurns()
    {
        Command<RerunProtocol.News>(news =>
        {
            foreach (var made in news.All.Where(n => n.MadeBy is not null).GroupBy(n => n.MadeBy))
                Report(new ReportMadeElsewhere(Now, PlacesOf(made), made.Key));
            ImmutableArray<Place> granted = [.. PlacesOf(news.All.Where(n => n.MadeBy is null)).Where(p => At(p).Phase == ActionPhase.Claiming || _turnsAhead.Take(p))];
            if (!granted.IsEmpty)
                BeginGranted(granted);
        });
        Command<Looked>(looked =>
        {
            _turnsAhead.Know(looked.There, looked.Missing);
            Report(new ReportMadeElsewhere(Now, looked.There, null));
            Report(new GrantReruns(Now, looked.Missing));
            if (!looked.Unsure.IsEmpty)
                Timers.StartSingleTimer(looked, new LookAgain(looked.Unsure), LookInterval);
        });
        Command<LookAgain>(again =>
        {
            if (again.Places.Where(p => At(p).Phase == ActionPhase.Claiming && _claimed.ContainsKey(ActionIdOf(p))).ToImmutableArray() is { IsEmpty: false } places)
                BeginGranted(places);
        });
        Command<ClaimAgain>(_ =>
        {
            Claim(_claimed.Keys, isAll: true);
            RepeatClaims();
        });
    }

    /// <summary>Tells the ledger which re-runs could start or run, and which no longer. Called when everything before is stored.</summary>
    private void ClaimReruns()
    {
        if (_foreign is not null)
            return;
        if (!ReferenceEquals(_told, _state.Reruns))
            TellChanges();
        ClaimAhead();
    }

    private void TellChanges()
    {
        var (before, now) = (_told, _state.Reruns);
        _told = now;
        var over = before.Except(now);
        Leave(over);

        // Whatever comes to no success may leave others waiting for something else than what this orchestration runs.
        Leave(_turnsAhead.Leave(_state, dropAll: over.Any(p => At(p).Phase != ActionPhase.Succeeded)));

        var fresh = now.Except(before).Where(p => !_turnsAhead.Use(p)).ToList();
        foreach (var place in fresh)
            _claimed[ActionIdOf(place)] = place;
        Claim(fresh.Select(ActionIdOf), isAll: before.IsEmpty);
        RepeatClaims();
    }

    private void Leave(IEnumerable<Place> places)
    {
        foreach (var leaving in places.ToLookup(HasMade, ActionIdOf))
        {
            _environment.Reruns.Tell(new RerunProtocol.Leave(_id, [.. leaving], leaving.Key), Self);
            foreach (var producer in leaving)
                _claimed.Remove(producer);
        }
    }

    private void Claim(IEnumerable<ActionId> producers, bool isAll)
    {
        var asked = producers.ToLookup(p => _turnsAhead.IsAsked(_claimed[p]));
        if (asked[false].Any())
            _environment.Reruns.Tell(new RerunProtocol.Claim(_id, [.. asked[false]], isAll) { Asked = [.. asked[true]] }, Self);
    }

    private void ClaimAhead()
    {
        var places = _turnsAhead.Ask(_state);
        if (places.IsEmpty)
            return;
        foreach (var place in places)
            _claimed[ActionIdOf(place)] = place;
        _environment.Reruns.Tell(new RerunProtocol.ClaimAhead(_id, [.. places.Select(p => new RerunAhead(ActionIdOf(p), [.. At(p).After.Select(ActionIdOf)]))]), Self);
    }

    /// <summary>Lets re-runs that can start now, and have their turn already, start in the row that is being made.</summary>
    private void UseTurnsAhead(CommitBuilder commit)
    {
        if (_turnsAhead.IsEmpty || ReferenceEquals(commit.State.Reruns, _state.Reruns))
            return;
        while (_turnsAhead.Claiming(commit.State, there: true) is { IsEmpty: false } there)
            commit.Decide(new ReportMadeElsewhere(Now, there, null));
        commit.Decide(new GrantReruns(Now, _turnsAhead.Claiming(commit.State, there: false)));
    }

    // The ledger may have been made again, and forgets who waits.
    private void RepeatClaims()
    {
        if (_claimed.Count == 0)
            Timers.Cancel(ClaimTimer);
        else if (!Timers.IsTimerActive(ClaimTimer))
            Timers.StartSingleTimer(ClaimTimer, new ClaimAgain(), ClaimInterval);
    }

    // Between the plan and this moment somebody may have made them, and a crash may have lost the news of it.
    private void BeginGranted(ImmutableArray<Place> granted)
    {
        ImmutableArray<(Place Place, RecoveryJob Job)> jobs = [.. granted.Select(p => (p, At(p).Spec!.Job!))];
        if (_environment.ObjectStore is { } store)
            LookAsync(store, jobs).PipeTo(Self, failure: e => Undecided(jobs, e));
        else
            Self.Tell(new Looked([], granted, []));
    }

    // Without the store the actions find out themselves; without the mailbox nobody knows who has written.
    private static Looked Undecided(ImmutableArray<(Place Place, RecoveryJob Job)> granted, Exception cause)
    {
        var waiting = granted.ToLookup(g => cause is not Core.Ports.ObjectStoreException && !g.Job.Onto.IsEmpty, g => g.Place);
        return new Looked([], [.. waiting[false]], [.. waiting[true]]);
    }

    private async Task<Looked> LookAsync(Core.Ports.IObjectStore store, ImmutableArray<(Place Place, RecoveryJob Job)> granted)
    {
        var there = await Presence.LookAsync(store, [.. granted.SelectMany(g => g.Job.Objects).Distinct()], _environment.Settings.Lineage.StatParallelism, _leaving.Token);
        var (made, missing, unsure) = (new List<Place>(), new List<Place>(), new List<Place>());
        foreach (var (place, job) in granted)
            (!job.Objects.All(o => there[o]) ? missing : await HasWrittenAsync(job) switch { true => made, false => missing, null => unsure }).Add(place);
        return new Looked([.. made], [.. missing], [.. unsure]);
    }

    // That an object is there says nothing of one who writes on what others write; its mailbox knows who wrote last. Null: somebody writes just now, who could be the one.
    private async Task<bool?> HasWrittenAsync(RecoveryJob job)
    {
        foreach (var key in job.Onto)
        {
            var writers = await _environment.Objects.Ask<WriteProtocol.Writers>(new ObjectMessage(key, new WriteProtocol.GetWriters()), MailboxPatience, _leaving.Token);
            var order = writers.Completed.Select(w => w.Action).ToList();
            if (writers.Holder is { } holder && order.Contains(holder))
                return null;
            if (writers.Last is not { } last || order.IndexOf(last) < order.IndexOf(job.ActionId))
                return false;
        }

        return true;
    }

    private bool HasMade(Place place) => At(place) is { Phase: ActionPhase.Succeeded, Attempts: > 0 };

    private ActionId ActionIdOf(Place place) => At(place).Id;

    private ActionState At(Place place) => _state.Batches[place.Batch].Actions[place.Index];

    private ImmutableArray<Place> PlacesOf(IEnumerable<RerunNews> news) =>
        [.. news.Select(n => _claimed.TryGetValue(n.Producer, out var place) ? place : (Place?)null).OfType<Place>()];

    private sealed record Looked(ImmutableArray<Place> There, ImmutableArray<Place> Missing, ImmutableArray<Place> Unsure) : ILocalMessage;

    private sealed record LookAgain(ImmutableArray<Place> Places) : ILocalMessage;

    private sealed record ClaimAgain : ILocalMessage;
}
