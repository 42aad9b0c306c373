using Orchestration.Actors.Orchestrators;
using Orchestration.Core.Identity;

namespace Orchestration.Actors.Client;

/// <summary>Draws ids for those who have no client at hand, such as a process that has its orchestrations run by another one.</summary>
public static class OrchestrationIds
{
    private static readonly IdSource Ids = new();

    /// <summary>Draws a new id: a MongoDB ObjectId of now.</summary>
    /// <returns>An id that no other process draws.</returns>
    public static OrchestrationId New() => Ids.NextOrchestration(DateTimeOffset.UtcNow);
}
