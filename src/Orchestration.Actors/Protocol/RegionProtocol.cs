using Orchestration.Core.Decisions;
using Orchestration.Core.Facts;
using Orchestration.Core.Identity;
using Orchestration.Core.Ports;

namespace Orchestration.Actors.Protocol;

/// <summary>What an orchestrator and the region that keeps it alive tell each other.</summary>
internal static class RegionProtocol
{
    /// <summary>Recovery is over and the orchestrator takes commands.</summary>
    internal sealed record Recovered(OrchestrationId Id) : ILocalMessage;

    /// <summary>What was held back has been sent: go on where you were, unless that has settled it.</summary>
    internal sealed record Begin : ILocalMessage
    {
        public static Begin Instance { get; } = new();
    }

    /// <summary>Recovery failed; the orchestrator stops.</summary>
    internal sealed record RecoveryFailed(OrchestrationId Id, string Reason) : ILocalMessage;

    /// <summary>Nothing to do: may I leave?</summary>
    internal sealed record MayLeave(OrchestrationId Id) : ILocalMessage;

    /// <summary>Leave now, unless something has come up.</summary>
    internal sealed record Leave : ILocalMessage
    {
        public static Leave Instance { get; } = new();
    }

    /// <summary>It is unfinished and leaves memory: whoever asks for its end may wait without waking it.</summary>
    internal sealed record Asleep(OrchestrationId Id) : ILocalMessage;

    /// <summary>Another process has the orchestration now: tell whoever waits and stop; nothing more is stored here.</summary>
    internal sealed record Lost(Refusal Refusal) : ILocalMessage;

    /// <summary>Something has come up; send on what you have held back.</summary>
    internal sealed record Stay(OrchestrationId Id) : ILocalMessage;
}

/// <summary>What the index of unfinished orchestrations is told.</summary>
internal static class IndexProtocol
{
    internal sealed record Add(OrchestrationId Id) : ILocalMessage;

    internal sealed record Added(OrchestrationId Id) : ILocalMessage;

    internal sealed record Sleep(OrchestrationId Id, DateTimeOffset Until) : ILocalMessage;

    internal sealed record Remove(OrchestrationId Id) : ILocalMessage;

    internal sealed record Quarantine(OrchestrationId Id, string Reason) : ILocalMessage;

    internal sealed record Release(OrchestrationId Id) : ILocalMessage;

    /// <summary>This process may not run it: whoever may shall have it.</summary>
    internal sealed record Disown(OrchestrationId Id) : ILocalMessage;

    internal sealed record GetUnfinished : ILocalMessage;
}

/// <summary>What a region and an index that several processes share tell each other about leases.</summary>
internal static class LeaseProtocol
{
    /// <summary>Takes the lease of an orchestration.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="TakeOver">Whether a live one is taken too.</param>
    /// <param name="Number">Comes back with the answer.</param>
    internal sealed record Acquire(OrchestrationId Id, bool TakeOver, long Number) : ILocalMessage;

    /// <summary>The answer: null when this process has it.</summary>
    internal sealed record Acquired(OrchestrationId Id, long Number, Refusal? Refusal) : ILocalMessage;

    /// <summary>Another process has taken it.</summary>
    internal sealed record Lost(OrchestrationId Id, Refusal Refusal) : ILocalMessage;
}

/// <summary>What orchestrators and the catalog's projector tell each other.</summary>
internal static class CatalogProtocol
{
    /// <summary>A row was stored.</summary>
    internal sealed record Stored(OrchestrationId Id, StoredCommit Row) : ILocalMessage;

    /// <summary>Tell me when everything up to that row is in the catalog.</summary>
    internal sealed record CatchUp(OrchestrationId Id, long SequenceNr) : ILocalMessage;

    /// <summary>Tell me when everything that was stored until now, of all orchestrations, is in the catalog.</summary>
    internal sealed record CatchUpAll : ILocalMessage;

    /// <summary>It is.</summary>
    internal sealed record AllCaughtUp : ILocalMessage;

    /// <summary>Everything up to that row is in the catalog.</summary>
    internal sealed record CaughtUp(OrchestrationId Id, long SequenceNr) : ILocalMessage;
}

/// <summary>What orchestrators and a namespace tell each other about slots.</summary>
internal static class SlotProtocol
{
    /// <summary>I want so many slots beyond those I hold.</summary>
    internal sealed record Want(int Count) : ILocalMessage;

    /// <summary>I give so many back; with some of them nothing was started.</summary>
    internal sealed record Release(int Count, int Unstarted) : ILocalMessage;

    /// <summary>So many invocations are sent with my slots, and the platform has answered so many, the latest of which was sent then.</summary>
    internal sealed record Used(int Started, int Answered, DateTimeOffset AnsweredSentAt) : ILocalMessage;

    /// <summary>The platform turned an invocation away; its slot goes back with that.</summary>
    internal sealed record TurnedAway(Pushback How, DateTimeOffset SentAt) : ILocalMessage;

    /// <summary>How is the namespace paced? Answered with a <see cref="Core.Scheduling.PacingSnapshot"/>.</summary>
    internal sealed record GetPacing : ILocalMessage;

    /// <summary>Give out no more slots. Answered with <see cref="Drained"/> when all are back.</summary>
    internal sealed record Drain : ILocalMessage;

    /// <summary>All slots are back.</summary>
    internal sealed record Drained : ILocalMessage
    {
        public static Drained Instance { get; } = new();
    }

    /// <summary>So many of my activations run already.</summary>
    internal sealed record Occupy(int Count) : ILocalMessage;

    /// <summary>So many slots are yours.</summary>
    internal sealed record Granted(int Count, bool Contended) : ILocalMessage;

    /// <summary>Others wait: give slots back when an activation ends instead of using them again.</summary>
    internal sealed record Contended : ILocalMessage
    {
        public static Contended Instance { get; } = new();
    }

    /// <summary>Too many wait; ask again later.</summary>
    internal sealed record Busy : ILocalMessage
    {
        public static Busy Instance { get; } = new();
    }
}
