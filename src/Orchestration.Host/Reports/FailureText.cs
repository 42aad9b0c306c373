using Orchestration.Core.Json;
using Orchestration.Core.Reports;
using Orchestration.Core.State;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Reports;

/// <summary>Says in a sentence why a run did not complete and where to look.</summary>
internal static class FailureText
{
    private const int Longest = 500;

    /// <summary>The sentence; null for a run that completed or still goes on.</summary>
    public static string? Of(OrchestrationReport report, RunStorage storage)
    {
        if (report.Status is not (OrchestrationStatus.Failed or OrchestrationStatus.Cancelled))
            return null;
        var failed = report.Actions.Where(a => a.Success == false).ToList();
        var first = report.Error?.Step is { } step ? failed.Find(a => a.Step == step) : failed.FirstOrDefault();
        var where = report.Error?.Step is { } id ? $" in step {id}" : "";
        var what = first is null ? "" : $", action {first.Name} (item {first.Index}, {Humanize.Count(first.Attempts.Length, "attempt")})";
        var more = failed.Count > 1 ? $" {failed.Count} actions failed in all." : "";
        var activation = first?.Attempts.LastOrDefault(a => a.ActivationId is not null)?.ActivationId is { } activationId ? $" The last activation was {activationId}." : "";
        var verb = report.Status == OrchestrationStatus.Failed ? "failed" : "was cancelled";
        return $"The run {verb}{where}{what}: {Why(report)}{more}{activation} Look at it with: {CommandName.Runs($"show {report.Id}", storage)}";
    }

    /// <summary>A JSON value for people: text without quotes.</summary>
    public static string Value(JsonBytes value)
    {
        using var document = value.ToDocument();
        var text = document.RootElement.ValueKind == System.Text.Json.JsonValueKind.String ? document.RootElement.GetString()! : value.ToString();
        return text.Length <= Longest ? Terminal.Plain(text) : Humanize.Shorten(text, Longest);
    }

    private static string Why(OrchestrationReport report)
    {
        if (report.Error is not { } error)
            return "no reason was stored.";
        var text = Humanize.Shorten(error.Message, Longest);
        // The code is often the beginning of the message already.
        var prefix = error.Code is { } code && !text.StartsWith(code, StringComparison.Ordinal) ? $"{Humanize.Shorten(code, 60)}: " : "";
        return $"{prefix}{text}{(text.EndsWith('.') ? "" : ".")}";
    }
}
