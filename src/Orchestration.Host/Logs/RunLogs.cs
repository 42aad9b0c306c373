using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestration.Actors.Client;
using Orchestration.Core.Identity;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Logs;

/// <summary>
/// Logs what happens to runs: each line with <c>orch_id</c> and <c>action_id</c> in its scope, and on request into a file of the run's own. The file is written
/// from the run's beginning, so it is whole in whichever process the run goes on.
/// </summary>
/// <param name="client">The orchestrator.</param>
/// <param name="log">The log; null for none.</param>
/// <param name="directory">The folder of the files; null for none.</param>
internal sealed class RunLogs(IOrchestrationClient client, ILogger? log, string? directory) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<OrchestrationId, Task> _following = [];

    /// <summary>Logs a run until it ends.</summary>
    public void Follow(OrchestrationId id)
    {
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested && !(_following.TryGetValue(id, out var known) && !known.IsCompleted))
                _following[id] = Task.Run(() => FollowAsync(id));
        }
    }

    /// <summary>Looks whether files can be written, before a service begins.</summary>
    /// <exception cref="CommandException">They cannot.</exception>
    public static string Check(string directory, string source)
    {
        var path = Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{source}: '{path}' is no folder that can be written to: {e.Message} Name another one.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] following;
        lock (_gate)
        {
            _stopping.Cancel();
            following = [.. _following.Values];
        }
        await Task.WhenAll(following);
        _stopping.Dispose();
    }

    private async Task FollowAsync(OrchestrationId id)
    {
        try
        {
            await using var file = directory is null ? null : new StreamWriter(Path.Combine(directory, $"{id}.log"));
            var text = new FactText();
            await foreach (var (row, isNew) in client.FollowAsync(id, 0, _stopping.Token))
            {
                foreach (var fact in row.Commit.Facts)
                {
                    if (text.Take(fact) is not { } line)
                        continue;
                    if (file is not null)
                        await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{fact.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {(line.IsTrouble ? "warning" : "info")} {Terminal.Plain(line.Text)}"));
                    // What happened in an earlier process was logged there.
                    if (log is not null && isNew)
                        Log(id, line);
                }
                if (file is not null)
                    await file.FlushAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next process goes on with it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OrchestrationException)
        {
            log?.LogWarning("The log of the run {OrchId} ends here: {Problem}", id, e.Message);
        }
    }

    // What loggers take as the members of a scope.
    private sealed class RunScope : List<KeyValuePair<string, object>>
    {
        private readonly OrchestrationId _id;

        public RunScope(OrchestrationId id, ActionId? action)
        {
            _id = id;
            Add(new("orch_id", id.Value));
            if (action is { } known)
                Add(new("action_id", known.Value));
        }

        public override string ToString() => $"run {_id}";
    }

    private void Log(OrchestrationId id, FactLine line)
    {
        using (log!.BeginScope(new RunScope(id, line.Action)))
            log.Log(line.IsTrouble ? LogLevel.Warning : LogLevel.Information, "{Run}: {Text}", id.Value, line.Text);
    }
}
