using System.Collections.Immutable;
using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Host.Terminals;
using Orchestration.OpenWhisk;

namespace Orchestration.Host.Running;

/// <summary>What one attempt wrote to its log.</summary>
/// <param name="Action">The action.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Lines">OpenWhisk's lines, <c>TIME STREAM: TEXT</c>; null when it has no record of the activation.</param>
internal sealed record AttemptLog(ActionReport Action, AttemptReport Attempt, IReadOnlyList<string>? Lines);

/// <summary>Reads the logs of a run's activations from OpenWhisk.</summary>
internal static class AttemptLogs
{
    private const int SchemaVersion = 1;

    /// <summary>Reads them in the order of the report.</summary>
    /// <param name="report">The run.</param>
    /// <param name="action">An action's id or the beginning of it; null for all actions.</param>
    /// <param name="whisk">The OpenWhisk that the run was on.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A log for each attempt whose activation is known.</returns>
    /// <exception cref="CommandException">No action of the run has such an id.</exception>
    /// <exception cref="OpenWhiskException">OpenWhisk cannot be reached or refuses.</exception>
    public static async Task<IReadOnlyList<AttemptLog>> ReadAsync(OrchestrationReport report, string? action, OpenWhiskOptions whisk, CancellationToken cancellation)
    {
        var actions = Select(report, action);
        var attempts = actions.SelectMany(a => a.Attempts.Where(t => t.ActivationId is not null).Select(t => (Action: a, Attempt: t))).ToList();
        var logs = await ActivationLogs.ReadAsync(whisk, [.. attempts.Select(a => a.Attempt.ActivationId!)], cancellation);
        return [.. attempts.Zip(logs, (a, lines) => new AttemptLog(a.Action, a.Attempt, lines))];
    }

    public static JsonBytes ToJson(IReadOnlyList<AttemptLog> logs) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteStartArray("logs");
        foreach (var log in logs)
        {
            writer.WriteStartObject();
            writer.WriteString("step", log.Action.Step);
            writer.WriteNumber("index", log.Action.Index);
            writer.WriteString("actionId", log.Action.Id.Value);
            writer.WriteNumber("attempt", log.Attempt.Number);
            writer.WriteString("activationId", log.Attempt.ActivationId);
            if (log.Lines is { } lines)
            {
                writer.WriteStartArray("lines");
                foreach (var line in lines)
                    writer.WriteStringValue(line);
                writer.WriteEndArray();
            }
            else
            {
                writer.WriteNull("lines");
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static ImmutableArray<ActionReport> Select(OrchestrationReport report, string? action)
    {
        if (action is null)
            return report.Actions;
        ImmutableArray<ActionReport> found = [.. report.Actions.Where(a => a.Id.Value.StartsWith(action.Trim(), StringComparison.OrdinalIgnoreCase))];
        // A re-run has the id of the action that it runs again.
        return found.Select(a => a.Id).Distinct().Count() switch
        {
            1 => found,
            0 => throw CommandException.Usage($"The run {report.Id} has no action '{Humanize.Shorten(action, 60)}'. The ids of its actions are in its report: runs show {report.Id} --json"),
            _ => throw CommandException.Usage($"'{Humanize.Shorten(action, 60)}' is the beginning of several actions' ids: {string.Join(", ", found.Select(a => a.Id).Distinct().Take(5))}. Give more digits."),
        };
    }
}
