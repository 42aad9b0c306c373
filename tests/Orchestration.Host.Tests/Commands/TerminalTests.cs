using System.Text.RegularExpressions;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

/// <summary>What a person sees in a terminal, and a program through a pipe.</summary>
public sealed partial class TerminalTests : Workplace
{
    [Fact]
    public async Task A_terminal_shows_bars_that_are_redrawn_in_place_and_then_the_report()
    {
        var result = (await HostProcess.RunInTerminalAsync(Folder, 80, 24, "run", Items(), "--report", "report.json")).MustExitWith(0);

        Assert.Matches("▸ work .* running.*; parallelism 2", Colours().Replace(result.Output, "").ReplaceLineEndings(" "));
        var lines = new Screen(80, result.Output).Lines;
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Single(lines, line => Regex.IsMatch(line, @"^✓ prepare  ━{24,}  1/1  \d"));
        Assert.Single(lines, line => Regex.IsMatch(line, @"^✓ work     ━{24,}  12/12  \d"));
        Assert.Single(lines, line => line.StartsWith("work[3]: attempt 1 failed (application_error: Busy: later); the next", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith('▸'));
        Assert.Contains("Status    completed", lines);
        // Nothing is wiped before it is drawn again: that would flicker.
        Assert.DoesNotContain("\e[2J", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2K", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("{\"schemaVersion\":1,", await File.ReadAllTextAsync(PathOf("report.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_leaves_only_the_report()
    {
        var result = (await HostProcess.RunInTerminalAsync(Folder, 80, 24, "run", Items(), "--quiet")).MustExitWith(0);

        Assert.StartsWith("Run ", new Screen(80, result.Output).Lines.First(line => line.Length > 0), StringComparison.Ordinal);
        Assert.DoesNotContain("▸", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_pipe_come_plain_lines_and_a_JSON_report_with_or_without_bodies()
    {
        var workflow = Items();

        var whole = (await RunAsync("run", workflow, "--json", "--report", "sub/report.json", "--no-bodies")).MustExitWith(0);

        Assert.DoesNotContain('\e', whole.All);
        Assert.Contains("work: 12 actions, 2 at a time\n", whole.Errors, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^work: done in ", whole.Errors);
        var report = whole.Json();
        Assert.Equal(whole.Output, await File.ReadAllTextAsync(PathOf("sub/report.json")));
        Assert.All(report.GetProperty("actions").EnumerateArray(), action => Assert.Equal(("null", "null"), (action.GetProperty("body").GetRawText(), action.GetProperty("result").GetRawText())));
        Assert.Equal("12", report.GetProperty("output").GetRawText());
        var refused = (await RunAsync("run", workflow, "--report", "/proc/report.json")).MustExitWith(2);
        Assert.Contains("--report: '/proc/report.json' cannot be written: ", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("run 6", refused.All, StringComparison.Ordinal);
    }

    private string Items()
    {
        Write("work.js", """
            async function main(args) {
                await new Promise(done => setTimeout(done, 150));
                return args.n === 3 && args.__orchestration.attempt === 1 ? { error: { code: "Busy", message: "later", meta: null } } : { n: args.n };
            }
            """);
        return Write("items.yaml", """
            name: items
            actions: { work: { file: work.js } }
            steps:
              - { id: prepare, action: work }
              - { id: work, action: work, needs: prepare, foreach: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], with: { n: "${{ item }}" }, parallelism: 2, retry: { initial: 10ms } }
            output: ${{ length(steps.work.result) }}
            """);
    }

    [GeneratedRegex(@"\x1b\[\??[0-9;]*[A-Za-z]")]
    private static partial Regex Colours();
}
