using Akka.Actor;
using Orchestration.Actors.Protocol;
using Orchestration.Actors.SharedObjects;
using Orchestration.Core.Decisions;
using Orchestration.Core.Objects;
using Orchestration.Core.SharedObjects;

namespace Orchestration.Actors.Orchestrators;

/// <summary>How an orchestrator gets the right to write objects that others write too.</summary>
internal sealed partial class OrchestratorActor
{
    private const string GrantTimer = "grants";

    private void TakeGrants()
    {
        Command<WriteProtocol.Granted>(granted =>
        {
            if (_foreign is not null)
                return;
            if (_grants.Take(granted, _state, Now))
                Flush();
            else
                Answer(granted.Grant.Object, granted.Attempt);
        });
        Command<WriteProtocol.InLine>(inLine =>
        {
            _grants.Take(inLine);
            if (!_writing)
                SettleGrants();
        });
        Command<WriteProtocol.Inspect>(inspect =>
        {
            if (_foreign is null)
                Answer(inspect.Object, inspect.Attempt);
        });
        Command<AskAgain>(_ =>
        {
            _grants.AskAgain();
            SettleGrants();
        });
    }

    private void Answer(ObjectKey key, AttemptRef attempt) =>
        _environment.Objects.Tell(new ObjectMessage(key, new WriteProtocol.Holds(new WriteTicket(_id, attempt), WriteHolds.Of(_state, attempt, key))));

    /// <summary>Asks for grants that are needed by now. What is asked for rests on stored facts alone.</summary>
    private void SettleGrants()
    {
        if (_foreign is not null)
            return;
        _grants.Settle(_state, Now);
        if (_grants.HasUnanswered && !Timers.IsTimerActive(GrantTimer))
            Timers.StartSingleTimer(GrantTimer, new AskAgain(), _environment.Settings.SharedObjects.AnswerWithin);
    }

    private sealed record AskAgain : ILocalMessage;
}
