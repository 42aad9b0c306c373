using Orchestration.Core.Reports;

namespace Orchestration.Host.Reports;

/// <summary>Where an action stands, in a word.</summary>
internal static class ActionStatuses
{
    public static IReadOnlyList<string> Names { get; } = ["waiting", "running", "succeeded", "failed"];

    /// <summary>One of <see cref="Names"/>; an action that the run's end left undone is waiting.</summary>
    public static string Of(ActionReport action) => action.Success switch
    {
        true => "succeeded",
        false => "failed",
        null => action.Attempts is [.., { End: null }] ? "running" : "waiting",
    };
}
