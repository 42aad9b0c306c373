using Orchestration.Core.Identity;

namespace Orchestration.Host.Stored;

/// <summary>Which part of the runs is listed.</summary>
/// <param name="Since">Only those that started then or later; null for all.</param>
/// <param name="Until">Only those that started before; null for all.</param>
/// <param name="Before">Only those behind this one in the list, which has the newest first; null from the first on.</param>
internal sealed record RunPage(DateTimeOffset? Since = null, DateTimeOffset? Until = null, OrchestrationId? Before = null)
{
    /// <summary>All of them.</summary>
    public static RunPage All { get; } = new();
}
