using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;

namespace Orchestration.Actors.Orchestrators;

/// <summary>The application's programs by name.</summary>
/// <param name="all">The programs.</param>
/// <param name="client">What they orchestrate with.</param>
internal sealed class Programs(IReadOnlyDictionary<string, OrchestrationProgram> all, IOrchestrationClient client)
{
    public bool Contains(string name) => all.ContainsKey(name);

    /// <summary>Why a program cannot be run here, for people.</summary>
    public string Explain(string name) =>
        $"this process has no program '{name}'; register it with AddProgram(\"{name}\", …) in the options{(all.Count == 0 ? "" : $" (it has {string.Join(", ", all.Keys.Select(k => $"'{k}'"))})")}.";

    /// <summary>Runs a program from its beginning. Never throws by itself, so that a failure at its first line is one like any other.</summary>
    public Task<JsonBytes> RunAsync(string name, OrchestrationId id, JsonBytes input, CancellationToken cancellation) =>
        Task.Run(() => all[name](new OrchestrationHandle(client, id), input, cancellation), cancellation);
}
