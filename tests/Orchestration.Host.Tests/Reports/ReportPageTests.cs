using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestration.Core.Costs;
using Orchestration.Core.Identity;
using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Reports;
using Orchestration.Core.Retries;
using Orchestration.Core.State;
using Orchestration.Host.Reports.Pages;
using Orchestration.Host.Settings;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Reports;

/// <summary>The page of a report, clicked through in a browser.</summary>
public sealed class ReportPageTests : Workplace
{
    // Would end the script that it stands in, and more, were it not escaped.
    private const string Nasty = "</script><script>document.title='owned'</script> <!-- & \u2028 mongodb://user:password@host/";
    private static readonly OrchestrationId Id = OrchestrationId.Parse("6745a1b2c3d4e5f601234567");
    private static readonly ActionId First = ActionId.Parse("6745a1b2c3d4e5f601234568");
    private static readonly DateTimeOffset Start = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PriceChoice Prices = PriceChoice.Read(_ => null);

    [Theory]
    [InlineData(6)]
    [InlineData(500)]
    [InlineData(20_000)]
    public async Task It_shows_what_happened_and_can_be_used_by_mouse_by_keyboard_and_on_a_phone(int work)
    {
        var report = Report(work);
        var file = Write("report.html", ReportPage.Write(report, RunCost.Of(RunFigures.Of(report), Prices.Prices), Prices));

        var seen = await ClickThroughAsync(file);

        string Text(string name) => seen.GetProperty(name).GetString()!;
        var all = work + 3;
        Assert.Empty(seen.GetProperty("problems").EnumerateArray().Select(p => p.GetString()));
        Assert.Empty(seen.GetProperty("requests").EnumerateArray().Select(p => p.GetString()));
        Assert.Empty(seen.GetProperty("html").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(("pages " + Id, "failed"), (Text("title"), Text("status")));
        Assert.Contains("step work: Bad: </script>", Text("error"), StringComparison.Ordinal);
        Assert.Equal($"{all:N0} actions", Text("all"));
        // Only what is seen is in the page.
        Assert.InRange(seen.GetProperty("rows").GetInt32(), Math.Min(all, 5), 60);
        Assert.InRange(seen.GetProperty("boxes").GetInt32(), 3, 20);

        Assert.Equal((1, $"1 of {all:N0} actions"), (seen.GetProperty("failedRows").GetInt32(), Text("failed")));
        Assert.Equal($"2 of {all:N0} actions", Text("retried"));
        Assert.Equal((1, $"1 of {all:N0} actions"), (seen.GetProperty("recoveryBars").GetInt32(), Text("recovered")));
        Assert.Equal($"{work:N0} of {all:N0} actions", Text("step"));
        Assert.StartsWith("work[3]", Text("searched"), StringComparison.Ordinal);
        Assert.StartsWith("work[1]", Text("longest"), StringComparison.Ordinal);
        Assert.Equal(("40.0 s", "30.0 s", "40.0 s"), (Text("axis"), Text("axisZoomed"), Text("axisAll")));

        // The second row: its attempts, what it was called with, what it read and wrote.
        var details = Text("details");
        Assert.All(new[] { "work[0]", "success", "Called with", "{\"item\":0}", "chunks/0", "done/0", "0123456789abcdef0123456789abcdef" }, part => Assert.Contains(part, details, StringComparison.Ordinal));
        Assert.True(seen.GetProperty("closed").GetBoolean());
        Assert.StartsWith("recovery#1", Text("lastSelected"), StringComparison.Ordinal);
        Assert.Contains("worker", Text("lastDetails"), StringComparison.Ordinal);
        Assert.True(seen.GetProperty("closedByKey").GetBoolean());

        Assert.Equal($"{(2 * work) + 1:N0} objects", Text("objects"));
        Assert.Equal("input/film.mp4", Text("largest"));
        Assert.Contains("split", Text("objectDetails"), StringComparison.Ordinal);
        Assert.Contains("aws", Text("costs"), StringComparison.Ordinal);
        Assert.Equal(0, seen.GetProperty("overflow").GetInt32());
        Assert.NotEqual(Text("light"), Text("dark"));
    }

    [Fact]
    public void What_actions_returned_is_data_and_credentials_are_not_shown()
    {
        var page = ReportPage.Write(Report(6), null, Prices);

        Assert.DoesNotContain("password", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>document", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u2028', page[page.IndexOf("id=\"data\"", StringComparison.Ordinal)..]);
        Assert.Contains("What it cost is not known", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_writes_it_into_a_file_or_to_stdout()
    {
        var id = (await RunAsync("run", HelloWorkflow, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

        Assert.Contains("open it in a browser", (await RunAsync("runs", "report", id, "-o", "page.html")).MustExitWith(0).Output, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(PathOf("page.html"));
        Assert.Contains("Somebody", page.Replace("somebody", "Somebody", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(page, (await RunAsync("runs", "report", id, "-o", "-")).MustExitWith(0).Output.TrimEnd('\n') + (page.EndsWith('\n') ? "\n" : ""));
        Assert.DoesNotContain("{\\u0022input", (await RunAsync("runs", "report", id, "-o", "-", "--no-bodies")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("'no/such/folder.html' cannot be written", (await RunAsync("runs", "report", id, "-o", "no/such/folder.html")).MustExitWith(1).Errors, StringComparison.Ordinal);
        Assert.Contains("--output", (await RunAsync("runs", "report", id)).MustExitWith(2).Errors, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ClickThroughAsync(string file)
    {
        var service = Path.Combine(SourceTree, "tests", "services", "browser");
        Assert.True(Directory.Exists(Path.Combine(service, "node_modules")), "The test needs tests/services/browser: npm ci --prefix tests/services/browser, and Chromium (apt-get install chromium); ./test does both.");
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(service, "report.js"), file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }

    // split, then so many actions "work", of which [2] fails for good, [1] takes longest, [3] is retried; then join, and a re-run that makes an object of [0] again.
    private static OrchestrationReport Report(int work)
    {
        ActionId Of(int i) => First.Plus(i);
        ObjectKey Key(string text) => ObjectKey.Parse(text);
        var error = JsonBytes.Parse(JsonSerializer.Serialize(new { code = "Bad", message = Nasty, meta = (string?)null }));
        AttemptReport Attempt(int number, double start, double seconds, AttemptOutcome outcome = AttemptOutcome.Success) => new(
            number, "0123456789abcdef0123456789abcdef", TimeSpan.FromSeconds(0.5), Start.AddSeconds(start), Start.AddSeconds(start + seconds), outcome, outcome == AttemptOutcome.Success ? JsonBytes.Null : error)
        { WaitedForGrant = TimeSpan.FromSeconds(0.2) };
        var actions = ImmutableArray.CreateBuilder<ActionReport>();
        actions.Add(new ActionReport(Of(0), "split", 0, "splitter", JsonBytes.EmptyObject, true, JsonBytes.Parse("""{"parts":3}"""), JsonBytes.Null, 1000, 500, [Attempt(1, 1, 2)]));
        for (var i = 0; i < work; i++)
        {
            var attempts = i switch
            {
                1 => ImmutableArray.Create(Attempt(1, 4, 9)),
                2 => [Attempt(1, 4, 1, AttemptOutcome.ApplicationError), Attempt(2, 7, 1, AttemptOutcome.ApplicationError)],
                3 => [Attempt(1, 4, 1, AttemptOutcome.Throttled), Attempt(2, 8, 1)],
                _ => [Attempt(1, 4 + (i % 20), 1)],
            };
            var failed = i == 2;
            actions.Add(new ActionReport(Of(i + 1), "work", i, "worker", JsonBytes.Parse(string.Create(CultureInfo.InvariantCulture, $"{{\"item\":{i}}}")), !failed, failed ? JsonBytes.Null : JsonBytes.EmptyObject, failed ? error : JsonBytes.Null, 10, 20, attempts));
        }
        actions.Add(new ActionReport(Of(work + 1), "join", 0, "joiner", JsonBytes.EmptyObject, null, JsonBytes.Null, JsonBytes.Null, 0, 0, [Attempt(1, 30, 5) with { End = null, Outcome = null }]));
        actions.Add(new ActionReport(Of(1), "recovery#1", 0, "worker", JsonBytes.EmptyObject, true, JsonBytes.EmptyObject, JsonBytes.Null, 10, 20,
            [Attempt(1, 36, 2) with { Cause = new RecoveryCause([Key("done/0")], [Of(work + 1)]) }]));
        var objects = Enumerable.Range(0, work).SelectMany(i => new[]
        {
            new ObjectUsage(Key($"chunks/{i}"), Start.AddSeconds(2), Start.AddSeconds(4), 10, 10, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(38), [Of(0)], [Of(i + 1)]),
            new ObjectUsage(Key($"done/{i}"), Start.AddSeconds(5), null, 20, null, null, TimeSpan.FromSeconds(35), [Of(i + 1)], []),
        }).Append(new ObjectUsage(Key("input/film.mp4"), null, Start.AddSeconds(1), null, 5_000_000, null, null, [], [Of(0)]));
        return new OrchestrationReport(
            Id, "pages", OrchestrationStatus.Failed, new ReportError("Bad", Nasty, "work"), Start, Start.AddSeconds(40), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(work), 5_000_000, JsonBytes.Null,
            [new("split", StepStatus.Completed, 1, 0), new("work", StepStatus.Failed, work, 1), new("join", StepStatus.Cancelled, 1, 0)],
            actions.ToImmutable(), [.. objects], new ReportTotals(work + 2, work + 5, 2, 1, work + 1, 5_000_000, 2 * work, 30 * work));
    }
}
