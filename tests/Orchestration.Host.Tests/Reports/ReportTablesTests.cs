using System.Collections.Immutable;
using System.Globalization;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Host.Reports;
using Orchestration.Host.Storage;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Tests.Reports;

public sealed class ReportTablesTests
{
    private static readonly OrchestrationId Id = OrchestrationId.Parse("6745a1b2c3d4e5f601234567");
    private static readonly ActionId FirstAction = ActionId.Parse("6745a1b2c3d4e5f601234568");
    private static readonly DateTimeOffset Start = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_report_fits_80_columns_and_shows_each_attempt_and_object()
    {
        var report = Report(OrchestrationStatus.Completed, [Action(0, true, 2)]) with
        {
            Output = JsonBytes.FromString("processed-video/output.mp4"),
            Objects =
            [
                new ObjectUsage(ObjectKey.Parse("transcoded-chunks/chunk_0_a_long_name_of_a_film_6745a1b2c3d4e5f601234568_360p.mp4"), Start.AddSeconds(1), Start.AddSeconds(3), 2_000_000, 2_000_000, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9), [FirstAction], [FirstAction]),
                new ObjectUsage(ObjectKey.Parse("in/clip.mp4"), null, Start.AddSeconds(0.5), null, 500, null, null, [], [FirstAction]),
            ],
        };

        var text = Print(report);

        const string longName = "transcoded-chunks/chunk_0_a_long_name_of_a_film_6745a1b2c3d4e5f601234568_360p.mp4";
        // A command that is to be copied stays in one line.
        Assert.All(text.Split('\n').Where(l => !l.StartsWith("as a page: ", StringComparison.Ordinal)), line => Assert.True(line.TrimEnd().Length <= 80 || line == longName, line));
        Assert.Contains(longName, text.Split('\n'));
        Assert.Contains("1: 1.00 s application_error", text, StringComparison.Ordinal);
        Assert.Contains("2: 1.00 s", text, StringComparison.Ordinal);
        Assert.Contains("2.00 MB", text, StringComparison.Ordinal);
        Assert.Contains("+500 ms", text, StringComparison.Ordinal);
        Assert.Contains("output: processed-video/output.mp4", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Above_50_actions_failures_come_first_and_a_line_sums_up_the_others()
    {
        var actions = Enumerable.Range(0, 60).Select(i => Action(i, i != 57, 1)).ToImmutableArray();

        var text = Print(Report(OrchestrationStatus.Failed, actions));

        Assert.Contains("✗ work[57]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("work[0]", text, StringComparison.Ordinal);
        Assert.Matches(@"\bwork\[…\] +59 others: 59", text);
        Assert.Contains("median 1.00 s", text, StringComparison.Ordinal);
    }

    [Fact]
    public void At_50_actions_all_are_listed()
    {
        var text = Print(Report(OrchestrationStatus.Completed, [.. Enumerable.Range(0, 50).Select(i => Action(i, true, 1))]));

        Assert.Contains("work[49]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[…]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Markup_and_control_characters_of_actions_are_shown_as_text()
    {
        var hostile = Action(0, false, 1) with { Name = "[red]x[/]", Body = JsonBytes.Parse("""{"a":"[bold"}"""), Step = "[link]" };
        var report = Report(OrchestrationStatus.Failed, [hostile]) with
        {
            Name = "[blue]\u001b[2J",
            Steps = [new StepReport("[link]", StepStatus.Failed, 1, 1)],
            Error = new ReportError("[E]", "[/]\u001b]0;title\u0007 broke", "[link]"),
        };

        var text = Print(report);

        Assert.Contains("[red]x[/]", text, StringComparison.Ordinal);
        Assert.Contains("[E]: [/]", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\u0007', text);
    }

    private static string Print(OrchestrationReport report)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        new ReportTables(new Terminal(writer, writer, verbose: false), new SqliteStorage("/data")).Print(report);
        return writer.ToString();
    }

    private static OrchestrationReport Report(OrchestrationStatus status, ImmutableArray<ActionReport> actions) => new(
        Id, "film", status, status == OrchestrationStatus.Failed ? new ReportError("Bad", "no luck", "work") : null, Start, Start.AddSeconds(10),
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(actions.Length), 500, JsonBytes.Null,
        [new StepReport("work", StepStatus.Completed, actions.Length, actions.Count(a => a.Success == false))], actions, [],
        new ReportTotals(actions.Length, actions.Length, 0, 0, 1, 500, 1, 2_000_000));

    private static ActionReport Action(int index, bool success, int attempts) => new(
        FirstAction.Plus(index), "work", index, "transcoder", JsonBytes.Parse("""{"input":"chunk_0_a_long_name_of_a_film.mp4","resolution":"360p"}"""), success,
        JsonBytes.Null, JsonBytes.Null, 500, 2_000_000,
        [.. Enumerable.Range(1, attempts).Select(n => new AttemptReport(
            n, "0123456789abcdef0123456789abcdef", TimeSpan.Zero, Start, Start.AddSeconds(1),
            n == attempts && success ? AttemptOutcome.Success : AttemptOutcome.ApplicationError, JsonBytes.Null))]);
}
