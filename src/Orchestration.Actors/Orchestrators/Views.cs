using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.State;

namespace Orchestration.Actors.Orchestrators;

/// <summary>What queries see of the state.</summary>
internal static class Views
{
    public static object Progress(OrchestrationId id, OrchestrationState state) => state.Started is { } started
        ? new OrchestrationProgress(id, started, state.Status, [.. state.Batches.Where(b => b.Sealed).Select(Progress)])
        : NotStarted(id);

    public static Protocol.OrchestratorReplies.Refused NotStarted(OrchestrationId id) =>
        new("NOT_STARTED", $"No orchestration {id} was started here; check the id and the data directory.");

    public static OrchestrationEnd End(OrchestrationState state) => new(state.Started!.Id, state.Status, state.Output, state.Failure);

    private static BatchProgress Progress(BatchState batch) =>
        new(batch.Key!, batch.Actions.Count, batch.Succeeded, batch.Failed, batch.Running, batch.Retries.Count);
}
