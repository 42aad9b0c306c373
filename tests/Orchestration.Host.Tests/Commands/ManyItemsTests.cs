using System.Globalization;
using Orchestration.Host.Tests.Support;

namespace Orchestration.Host.Tests.Commands;

public sealed class ManyItemsTests : Workplace
{
    private const int Items = 2000;

    [Fact]
    public async Task Thousands_of_quick_actions_from_lines_to_lines_take_few_lines_of_progress_and_give_a_readable_report()
    {
        Write("echo.js", "function main({ name, number }) { return { name, number }; }\n");
        var workflow = Write("names.yaml", """
            name: names
            actions: { echo: { file: echo.js } }
            steps:
              - id: greet
                action: echo
                foreach: { lines: in/names.txt }
                with: { name: "${{ item }}", number: "${{ index }}" }
                collect: out/greetings.jsonl
            output: ${{ steps.greet.result }}
            """);
        var names = Write("names.txt", string.Join('\n', Enumerable.Range(0, Items).Select(i => $"name {i}")));

        var result = (await RunAsync("run", workflow, "--put", $"in/names.txt={names}", "--get", "out/greetings.jsonl=all.jsonl", "--report", "report.json")).MustExitWith(0);

        var lines = result.Output.Split('\n');
        Assert.True(lines.Length < 40, $"{lines.Length} lines");
        Assert.Contains("greet: 2,000 actions", lines);
        Assert.Matches(@"(?m)^  greet\[…\] +2,000 actions: 2,000 succeeded +2,000 attempts", result.Output);
        var all = await File.ReadAllLinesAsync(PathOf("all.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Items).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"name":"name {{i}}","number":{{i}}}""")), all);
        using var report = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(PathOf("report.json"), TestContext.Current.CancellationToken));
        Assert.Equal(Items, report.RootElement.GetProperty("totals").GetProperty("attempts").GetInt32());
    }
}
