using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Recovery;
using Orchestration.Core.State;
using Orchestration.Core.Tests.Support;

namespace Orchestration.Core.Tests.Laws;

/// <summary>Objects that get lost: actions read and write a few names, miss some of them, and the lineage of what is stored plans what runs again.</summary>
internal sealed partial class Simulation
{
    private const int Names = 4;

    private static string Name(int n) => $"b/o{n}";

    private static InvokeReply.Failed Misses(int n) => new(
        null, null, Retries.AttemptOutcome.ApplicationError,
        Retries.Failure.FromActionError(Json.JsonBytes.Parse($$$"""{"code":"NoSuchKey","message":"gone","meta":{"key":"{{{Name(n)}}}"}}""")), ObjectReport.None);

    private ObjectReport Touches() => Given.Objects(
        [.. Enumerable.Range(0, _tape.Next(3)).Select(_ => Given.Access(Name(_tape.Next(Names)), 5, 1))],
        [.. Enumerable.Range(0, _tape.Next(3)).Select(_ => Given.Access(Name(_tape.Next(Names)), 1 + _tape.Next(2), 1))]);

    private IEnumerable<Place> Unplanned() => State.Status != OrchestrationStatus.Running
        ? []
        : from number in State.Active
          from index in Enumerable.Range(0, State.Batches[number].Actions.Count)
          where State.Batches[number].Actions[index] is { Phase: ActionPhase.Blocked, After.IsEmpty: true }
          select new Place(number, index);

    private void AnswerClaims()
    {
        foreach (var place in _working.Reruns.ToList())
        {
            if (_tape.Chance(20))
                Do(new ReportMadeElsewhere(_now, [place], _tape.Chance(50) ? Given.Id : null));
            else
                Do(new GrantReruns(_now, [place]));
        }
    }

    private void PlanRecovery()
    {
        var lineage = new Lineage();
        foreach (var commit in Log)
            lineage.Add(commit);
        if (Unplanned().ToList() is { Count: > 0 } readers)
        {
            var planner = new RecoveryPlanner([.. readers.SelectMany(r => State.Batches[r.Batch].Actions[r.Index].Lost).Distinct()], lineage.Producer, _policy.Depth, seesStore: true);
            while (planner.Next() is { } question)
            {
                foreach (var key in question.Presence)
                    planner.Tell(key, _tape.Chance(30));
                foreach (var key in question.Producers)
                    planner.Tell(key, lineage.Producer(key));
                foreach (var key in question.Writers)
                    planner.Tell(key, [.. lineage.Writers(key)]);
            }

            Do(new StartRecovery(_now, [.. readers], planner.Plan(), Log.Count, _policy));
        }

        AnswerClaims();
        if (!State.Changed.IsEmpty)
            Do(new RunReadersAgain(_now, [.. State.Changed], [.. State.Changed.SelectMany(lineage.Readers).DistinctBy(r => r.Id)], _policy));
    }
}
