using Akka.Actor;
using Orchestration.Core.Actions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Pipelines;
using Failure = Orchestration.Core.Retries.Failure;

namespace Orchestration.Actors.Protocol;

/// <summary>A message that never leaves the node.</summary>
internal interface ILocalMessage : INoSerializationVerificationNeeded;

/// <summary>A message for one entity of a region.</summary>
/// <param name="Id">Which orchestration.</param>
/// <param name="Message">What for.</param>
internal sealed record EntityMessage(OrchestrationId Id, object Message) : ILocalMessage;

/// <summary>What clients ask of an orchestrator; answers are <see cref="OrchestratorReplies"/>.</summary>
internal static class OrchestratorRequests
{
    internal sealed record StartOrchestration(string Name, PipelineDefinition? Pipeline, JsonBytes ClientData) : ILocalMessage;

    internal sealed record SubmitBatch(BatchSpec Batch) : ILocalMessage;

    internal sealed record CompleteOrchestration(JsonBytes Output, bool Abandoned) : ILocalMessage;

    internal sealed record RetryActions(string? Step) : ILocalMessage;

    internal sealed record FailOrchestration(Failure Failure) : ILocalMessage;

    internal sealed record CancelOrchestration(string Reason) : ILocalMessage;

    internal sealed record WaitForBatch(string Key) : ILocalMessage;

    internal sealed record WaitForEnd : ILocalMessage;

    internal sealed record GetResults(string Key) : ILocalMessage;

    internal sealed record GetProgress : ILocalMessage;

    /// <summary>Sends every stored row to the sender from now on, until it stops.</summary>
    internal sealed record Watch(IActorRef Watcher) : ILocalMessage;

    /// <summary>Be there, and go on where you were.</summary>
    /// <param name="TakeOver">Also when another process has it.</param>
    internal sealed record Wake(bool TakeOver = false) : ILocalMessage;
}

/// <summary>What an orchestrator answers.</summary>
internal static class OrchestratorReplies
{
    internal sealed record Done : ILocalMessage
    {
        public static Done Instance { get; } = new();
    }

    internal sealed record Refused(string Code, string Message) : ILocalMessage;

    internal sealed record BatchEnded(string Key) : ILocalMessage;

    internal sealed record Results(IReadOnlyList<ActionResult> All) : ILocalMessage;

    internal sealed record Stored(OrchestrationId Id, StoredCommit Row, bool Last) : ILocalMessage;
}
