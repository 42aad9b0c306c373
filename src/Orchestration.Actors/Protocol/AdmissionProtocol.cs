using Orchestration.Core.Identity;

namespace Orchestration.Actors.Protocol;

/// <summary>What orchestrators and the actor that bounds how many of them run tell each other.</summary>
internal static class AdmissionProtocol
{
    /// <summary>I have something to run.</summary>
    /// <param name="Id">Who.</param>
    /// <param name="Turn">Which of its wishes this is; it comes back, for an answer can cross with a <see cref="Leave"/>.</param>
    internal sealed record Want(OrchestrationId Id, long Turn) : ILocalMessage;

    /// <summary>I have nothing more to run.</summary>
    internal sealed record Leave : ILocalMessage
    {
        public static Leave Instance { get; } = new();
    }

    /// <summary>Run.</summary>
    /// <param name="Turn">The wish that is granted.</param>
    internal sealed record Admitted(long Turn) : ILocalMessage;

    /// <summary>Who runs, and who waits? Answered with a <see cref="Client.AdmissionView"/>.</summary>
    internal sealed record GetView : ILocalMessage;
}
