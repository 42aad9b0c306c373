using Orchestration.Core.Identity;

namespace Orchestration.Actors.Protocol;

/// <summary>What orchestrators and the actor that bounds how many of them run tell each other.</summary>
internal static class AdmissionProtocol
{
    /// <summary>I have something to run.</summary>
    internal sealed record Want(OrchestrationId Id) : ILocalMessage;

    /// <summary>I have nothing more to run.</summary>
    internal sealed record Leave : ILocalMessage
    {
        public static Leave Instance { get; } = new();
    }

    /// <summary>Run.</summary>
    internal sealed record Admitted : ILocalMessage
    {
        public static Admitted Instance { get; } = new();
    }

    /// <summary>Who runs, and who waits? Answered with a <see cref="Client.AdmissionView"/>.</summary>
    internal sealed record GetView : ILocalMessage;
}
