using Akka.Actor;
using Akka.Event;
using Orchestration.Actors.Client;
using Orchestration.Actors.Protocol;
using Orchestration.Core.Decisions;
using Orchestration.Core.Json;
using Orchestration.Core.State;
using Failure = Orchestration.Core.Retries.Failure;

namespace Orchestration.Actors.Orchestrators;

/// <summary>Runs the orchestration's program, when it has one: at its start, and again from the beginning in a process that takes it up. It adds batches as any client does, and those that it made before return what is recorded.</summary>
internal sealed partial class OrchestratorActor
{
    // Cancelled when this process stops running it; null while no program runs.
    private CancellationTokenSource? _program;

    private void TakeProgram() => Command<ProgramEnded>(ended =>
    {
        _program?.Dispose();
        _program = null;
        switch (ended.Failure)
        {
            case null:
                Report(new Complete(Now, ended.Output, false), refusal =>
                {
                    if (refusal is { Code: "BATCH_RUNNING" })
                        Report(new Fail(Now, new Failure("PROGRAM", $"The program '{ProgramName}' returned while a batch that it added was still running: await all of them."), null));
                });
                break;
            // It is not the program that failed; whoever runs it next begins it again.
            case OrchestrationException { Code: "STOPPED" or "OWNED" or "OWNER_LOST" or "STORAGE" }:
                AfterWrite();
                break;
            default:
                _log.Warning(ended.Failure, "The program '{0}' of {1} failed.", ProgramName, _id);
                Report(new Fail(Now, new Failure("PROGRAM", $"The program '{ProgramName}' failed: {ended.Failure.Message} ({ended.Failure.GetType().Name})"), null));
                break;
        }
    });

    private string ProgramName => _state.Started!.Pipeline!.Source;

    private void BeginProgram()
    {
        if (_program is not null || _state is not { Status: OrchestrationStatus.Running, Started.Pipeline: { IsProgram: true } definition })
            return;
        if (!_environment.Programs.Contains(definition.Source))
        {
            // Another process may have it: the orchestration is left as it is.
            _log.Warning("The orchestration {0} does not go on here: {1}", _id, _environment.Programs.Explain(definition.Source));
            return;
        }

        _program = new CancellationTokenSource();
        _environment.Programs.RunAsync(definition.Source, _id, definition.Parameters, _program.Token)
            .PipeTo(Self, success: output => new ProgramEnded(output, null), failure: e => new ProgramEnded(JsonBytes.Null, e));
    }

    private sealed record ProgramEnded(JsonBytes Output, Exception? Failure) : ILocalMessage, IDeadLetterSuppression;
}
