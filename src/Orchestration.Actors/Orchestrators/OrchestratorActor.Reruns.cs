using System.Collections.Immutable;
using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.Recovery;
using Orchestration.Core.Decisions;
using Orchestration.Core.Identity;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>
/// How an orchestrator shares re-runs with others: it asks the system's ledger for its turn for every re-run that could start, and before one starts looks whether
/// somebody has made its objects meanwhile.
/// </summary>
internal sealed partial class OrchestratorActor
{
    private const string ClaimTimer = "claim";
    private static readonly TimeSpan ClaimInterval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ActionId, Place> _claimed = [];
    private ImmutableSortedSet<Place> _told = [];

    private void TakeTurns()
    {
        Command<RerunProtocol.News>(news =>
        {
            foreach (var made in news.All.Where(n => n.MadeBy is not null).GroupBy(n => n.MadeBy))
                Report(new ReportMadeElsewhere(Now, PlacesOf(made), made.Key));
            ImmutableArray<Place> granted = [.. PlacesOf(news.All.Where(n => n.MadeBy is null)).Where(p => _state.Batches[p.Batch].Actions[p.Index].Phase == ActionPhase.Claiming)];
            if (!granted.IsEmpty)
                BeginGranted(granted);
        });
        Command<Looked>(looked =>
        {
            Report(new ReportMadeElsewhere(Now, looked.There, null));
            Report(new GrantReruns(Now, looked.Missing));
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
        if (ReferenceEquals(_told, _state.Reruns) || _foreign is not null)
            return;
        var (before, now) = (_told, _state.Reruns);
        _told = now;
        var left = before.Except(now).ToLookup(HasMade, ActionIdOf);
        foreach (var leaving in left)
        {
            _environment.Reruns.Tell(new RerunProtocol.Leave(_id, [.. leaving], leaving.Key), Self);
            foreach (var producer in leaving)
                _claimed.Remove(producer);
        }

        var fresh = now.Except(before);
        foreach (var place in fresh)
            _claimed[ActionIdOf(place)] = place;
        Claim(fresh.Select(ActionIdOf), isAll: false);
        RepeatClaims();
    }

    private void Claim(IEnumerable<ActionId> producers, bool isAll)
    {
        ImmutableArray<ActionId> all = [.. producers];
        if (!all.IsEmpty)
            _environment.Reruns.Tell(new RerunProtocol.Claim(_id, all, isAll), Self);
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
        if (_environment.ObjectStore is { } store)
            LookAsync(store, [.. granted.Select(p => (p, _state.Batches[p.Batch].Actions[p.Index].Spec!.Job!))]).PipeTo(Self, failure: _ => new Looked([], granted));
        else
            Report(new GrantReruns(Now, granted));
    }

    private async Task<Looked> LookAsync(Core.Ports.IObjectStore store, ImmutableArray<(Place Place, RecoveryJob Job)> granted)
    {
        var there = await Presence.LookAsync(store, [.. granted.SelectMany(g => g.Job.Objects).Distinct()], _environment.Settings.Lineage.StatParallelism, _leaving.Token);
        var made = granted.ToLookup(g => g.Job.Objects.All(o => there[o]), g => g.Place);
        return new Looked([.. made[true]], [.. made[false]]);
    }

    private bool HasMade(Place place) => _state.Batches[place.Batch].Actions[place.Index] is { Phase: ActionPhase.Succeeded, Attempts: > 0 };

    private ActionId ActionIdOf(Place place) => _state.Batches[place.Batch].Actions[place.Index].Id;

    private ImmutableArray<Place> PlacesOf(IEnumerable<RerunNews> news) =>
        [.. news.Select(n => _claimed.TryGetValue(n.Producer, out var place) ? place : (Place?)null).OfType<Place>()];

    private sealed record Looked(ImmutableArray<Place> There, ImmutableArray<Place> Missing) : ILocalMessage;

    private sealed record ClaimAgain : ILocalMessage;
}
