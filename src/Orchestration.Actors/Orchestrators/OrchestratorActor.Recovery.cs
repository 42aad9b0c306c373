using System.Collections.Immutable;
using Akka.Actor;
using Orchestration.Actors.Recovery;
using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;
using Orchestration.Core.Recovery;

namespace Orchestration.Actors.Orchestrators;

/// <summary>How an orchestrator has lost objects made again: what its actions lack gathers while a plan is being made, and the next plan is for all of it.</summary>
internal sealed partial class OrchestratorActor
{
    private readonly Dictionary<Place, ImmutableArray<ObjectKey>> _lacking = [];
    private readonly HashSet<ObjectKey> _changed = [];
    private IActorRef? _planner;
    private int _asked;
    private int _planners;

    private RecoveryPolicy? RecoveryPolicy => _environment.Settings.Lineage.Policy;

    private bool IsPlanning => _asked > 0 || _lacking.Count > 0 || _changed.Count > 0;

    private void TakePlans()
    {
        Command<RecoveryProtocol.Planned>(planned =>
        {
            _asked--;
            Report(new StartRecovery(Now, planned.Readers, planned.Plan, planned.AsOf, RecoveryPolicy!));
        });
        Command<RecoveryProtocol.ReadersFound>(found =>
        {
            _asked--;
            Report(new RunReadersAgain(Now, found.Objects, found.Readers, RecoveryPolicy!));
        });
    }

    /// <summary>The orchestration has ended: nothing is planned any more.</summary>
    private void ForgetPlans()
    {
        _planner = null;
        _asked = 0;
        _lacking.Clear();
        _changed.Clear();
    }

    /// <summary>Asks for the next plan, unless one is being made. Called when everything before is stored: the plan must know of it.</summary>
    private void AskForPlans()
    {
        if (_asked > 0 || _lacking.Count + _changed.Count == 0 || RecoveryPolicy is null)
            return;
        _planner ??= Context.ActorOf(
            RecoveryActor.Props(_id, HealPipeline.RunOf(_state.Started!.Pipeline), _environment.Journal, _environment.Settings.Lineage, _environment.ObjectStore, _environment.History, _environment.Catalog, _environment.Objects),
            $"recovery-{++_planners}");
        if (_lacking.Count > 0)
        {
            _asked++;
            _planner.Tell(new RecoveryProtocol.Plan([.. _lacking.Select(l => (l.Key, l.Value))], LastSequenceNr));
            _lacking.Clear();
        }

        if (_changed.Count > 0)
        {
            _asked++;
            _planner.Tell(new RecoveryProtocol.FindReaders([.. _changed], LastSequenceNr));
            _changed.Clear();
        }
    }
}
