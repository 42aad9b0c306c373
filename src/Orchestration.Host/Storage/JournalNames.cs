using Orchestration.Core.Identity;

namespace Orchestration.Host.Storage;

/// <summary>How the actors name orchestrations in a journal.</summary>
internal static class JournalNames
{
    private const string Prefix = "orchestration-";

    public static string Of(OrchestrationId id) => Prefix + id;

    /// <summary>The orchestrations whose ids begin so, newest first.</summary>
    /// <param name="find">Finds persistence ids by their beginning, at most so many, the last in order first.</param>
    /// <param name="idPrefix">What the ids begin with.</param>
    /// <param name="limit">At most so many.</param>
    public static IReadOnlyList<OrchestrationId> Find(Func<string, int, IReadOnlyList<string>> find, string idPrefix, int limit)
    {
        // One more is asked for: the index of unfinished orchestrations has a name of the same beginning and is no run.
        var wanted = limit == int.MaxValue ? limit : limit + 1;
        return [.. find(Prefix + idPrefix, wanted).Select(id => OrchestrationId.TryParse(id[Prefix.Length..], out var parsed) ? parsed : (OrchestrationId?)null).OfType<OrchestrationId>().Take(limit)];
    }
}
