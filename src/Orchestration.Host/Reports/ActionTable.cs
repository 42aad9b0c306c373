using System.Globalization;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Host.Terminals;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestration.Host.Reports;

/// <summary>The actions of a run with the time of each attempt.</summary>
internal static class ActionTable
{
    private const int MostAttempts = 4;

    private const int LongestName = 24;

    // Two numbers of bytes, the gaps, and attempts such as "12: 1 min 05 s" or "12: 1 min 05 s application_error".
    private const int WidthWithTimes = 38;
    private const int WidthWithOutcomes = 54;
    private const int WidthOfObjects = 18;
    private const int LeastBody = 12;

    /// <summary>Makes the table.</summary>
    /// <param name="report">What happened.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="most">A step with more actions is not listed whole: failures first, and a line that sums up the rest.</param>
    public static Table Of(OrchestrationReport report, int width, int most)
    {
        var hasObjects = report.Actions.Any(a => a.BytesRead + a.BytesWritten > 0);
        var table = Columns.NewTable("Action", "Called with", "Attempts").WithNumbers(hasObjects ? ["Read", "Written"] : []);
        table.Columns[0].NoWrap();
        table.Columns[2].NoWrap();
        // Only what they were called with can be cut, so it gets the room that is left.
        var hasFailures = report.Actions.Any(a => a.Attempts.Any(attempt => attempt.Outcome is not (null or AttemptOutcome.Success)));
        var nameWidth = report.Actions.Max(a => Math.Min(LongestName, a.Step.Length + IndexWidth(a)));
        var bodyWidth = Math.Max(LeastBody, width - nameWidth - (hasFailures ? WidthWithOutcomes : WidthWithTimes) + (hasObjects ? 0 : WidthOfObjects));
        var counts = report.Steps.ToDictionary(s => s.Id, s => s.Items);
        foreach (var step in report.Actions.GroupBy(a => a.Step))
            AddStep(table, step.Key, counts.GetValueOrDefault(step.Key), [.. step], bodyWidth, most, hasObjects);
        return table;
    }

    private static void AddStep(Table table, string step, int count, List<ActionReport> actions, int bodyWidth, int most, bool hasObjects)
    {
        var shown = actions.Count <= most ? actions : [.. actions.Where(a => a.Success == false).Take(most)];
        foreach (var action in shown)
        {
            Add(
                new Markup(Name(step, action, count)),
                new Text(Humanize.Shorten($"{action.Name} {action.Body}", bodyWidth)),
                new Markup(Attempts(action)),
                [action]);
        }
        if (shown.Count == actions.Count)
            return;
        var rest = actions.Except<ActionReport>(shown, ReferenceEqualityComparer.Instance).ToList();
        Add(
            new Text("  " + Humanize.Shorten($"{step}[…]", LongestName)),
            new Text($"{Humanize.Count(rest.Count, shown.Count == 0 ? "action" : "other")}: {Outcomes(rest)}"),
            new Text(Times(rest)),
            rest);

        void Add(IRenderable name, IRenderable called, IRenderable attempts, List<ActionReport> of)
        {
            IRenderable[] objects = hasObjects ? [new Text(Bytes(of.Sum(a => a.BytesRead))), new Text(Bytes(of.Sum(a => a.BytesWritten)))] : [];
            table.AddRow([name, called, attempts, .. objects]);
        }
    }

    private static int IndexWidth(ActionReport action) => 2 + action.Index.ToString(CultureInfo.InvariantCulture).Length;

    private static string Name(string step, ActionReport action, int count)
    {
        var name = Markup.Escape(Humanize.Shorten(count == 1 ? step : $"{step}[{action.Index}]", LongestName));
        return action.Success switch
        {
            true => $"[green]✓[/] {name}",
            false => $"[red]✗[/] {name}",
            null => $"[dim]·[/] {name}",
        };
    }

    private static string Attempts(ActionReport action)
    {
        if (action.Attempts.IsEmpty)
            return "[dim]none[/]";
        var last = action.Attempts.Skip(Math.Max(0, action.Attempts.Length - MostAttempts));
        var lines = last.Select(attempt =>
        {
            var time = attempt.Duration is { } duration ? Humanize.Duration(duration) : "running";
            var number = action.Attempts.Length == 1 ? "" : $"{attempt.Number}: ";
            return attempt.Outcome is null or AttemptOutcome.Success ? $"{number}{time}" : $"{number}{time} [red]{AttemptOutcomes.NameOf(attempt.Outcome.Value)}[/]";
        });
        return (action.Attempts.Length > MostAttempts ? $"[dim]{action.Attempts.Length} attempts, the last:[/]\n" : "") + string.Join('\n', lines);
    }

    private static string Outcomes(List<ActionReport> actions)
    {
        var parts = new List<string>();
        Add("succeeded", actions.Count(a => a.Success == true));
        Add("failed", actions.Count(a => a.Success == false));
        Add("not done", actions.Count(a => a.Success is null));
        return string.Join(", ", parts);

        void Add(string what, int count)
        {
            if (count > 0)
                parts.Add($"{count:N0} {what}");
        }
    }

    private static string Times(List<ActionReport> actions)
    {
        var times = actions.SelectMany(a => a.Attempts).Where(a => a.Duration is not null).Select(a => a.Duration!.Value).Order().ToList();
        return times.Count == 0
            ? "none"
            : $"{Humanize.Count(actions.Sum(a => a.Attempts.Length), "attempt")}\n{Humanize.Duration(times[0])} to {Humanize.Duration(times[^1])}\nmedian {Humanize.Duration(times[times.Count / 2])}";
    }

    private static string Bytes(long bytes) => bytes == 0 ? "" : Humanize.Bytes(bytes);
}
