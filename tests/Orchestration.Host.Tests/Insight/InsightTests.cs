using System.Text.Json;
using Orchestration.Host.Tests.Recovery;

namespace Orchestration.Host.Tests.Insight;

/// <summary>Costs, predictions and advice at the command line, over runs of the embedded storage.</summary>
public sealed class InsightTests : LosingWorkplace
{
    private static readonly string[] Charges = ["--compute-charge", "2", "--orchestration-charge", "0.5", "--storage-charge", "0.001"];

    [Fact]
    public async Task Costs_are_those_of_the_report_and_predictions_those_of_the_runs()
    {
        var file = WriteLinks(("first", "", "one", ""), ("second", "one", "two", ""), ("third", "two", "three", ""));
        var report = (await RunAsync("run", file, "--json")).MustExitWith(0).Json();
        (await RunAsync("run", file, "-q")).MustExitWith(0);
        var id = report.GetProperty("orchId").GetString()!;

        var cost = (await RunAsync(["runs", "cost", id, "--json", .. Charges])).MustExitWith(0).Json();
        Assert.Equal(Number(report, "actionTimeTaken") * 2 + Number(report, "timeTaken") * 0.5, Number(cost, "computeCost"), 9);
        Assert.Equal(
            report.GetProperty("objects").EnumerateArray().Sum(o => Number(o, "orchestrationLifetime") * Number(o, "putSize")) * 0.001, Number(cost, "storageCost"), 9);
        Assert.Equal(["first", "second", "third"], cost.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("step").GetString()));

        var mean = (await RunAsync(["runs", "cost", "--name", "links", "--json", .. Charges])).MustExitWith(0).Json();
        Assert.Equal(mean.GetProperty("costs").EnumerateArray().Average(c => Number(c, "totalCost")), Number(mean, "totalCost"), 9);
        Assert.Equal(2, mean.GetProperty("runs").GetInt32());

        var forecast = (await RunAsync("predict", "workflow", file, "--json")).MustExitWith(0).Json();
        Assert.Equal(2, forecast.GetProperty("runs").GetInt32());
        var steps = forecast.GetProperty("steps").EnumerateArray().ToList();
        Assert.All(steps, s => Assert.True(s.GetProperty("critical").GetBoolean()));
        Assert.Equal(steps.Sum(s => Number(s, "duration")), Number(forecast.GetProperty("duration"), "value"), 9);

        var text = (await RunAsync("runs", "dag", id)).MustExitWith(0).Output;
        Assert.Matches(@"(?m)^third  link \d+ ms\n  ← second  b/two$", text);
        Assert.Matches(@"critical path: first \d+ ms → second \d+ ms → third \d+ ms", text);
        var graph = (await RunAsync("runs", "dag", id, "--format", "json", "--of", "second")).MustExitWith(0).Json();
        Assert.Equal("b/one", Assert.Single(graph.GetProperty("edges").EnumerateArray()).GetProperty("object").GetString());
        Assert.Equal([0, 1], graph.GetProperty("actions").EnumerateArray().Select(a => a.GetProperty("prerequisites").GetArrayLength()));
        Assert.Contains("the run has no action 'fourth'", (await RunAsync("runs", "dag", id, "--of", "fourth")).MustExitWith(2).Errors, StringComparison.Ordinal);

        Assert.Contains("Interpolation is as good or better in", (await RunAsync("predict", "backtest", "links")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("with no parents", (await RunAsync("predict", "actions", "links")).MustExitWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_advised_away_can_be_made_again()
    {
        var file = WriteLinks(("first", "", "one", ""), ("second", "one", "two", ""));
        var id = (await RunAsync("run", file, "--json")).MustExitWith(0).Json().GetProperty("orchId").GetString()!;

        Assert.Contains("b/one", (await RunAsync("runs", "advise", id, "--keep-for", "365d", "--storage-charge", "1", "--compute-charge", "0.1")).MustExitWith(0).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Store, "one")));
        var applied = (await RunAsync("runs", "advise", id, "--keep-for", "365d", "--storage-charge", "1", "--compute-charge", "0.1", "--apply", "--json")).MustExitWith(0).Json();

        Assert.True(Assert.Single(applied.GetProperty("objects").EnumerateArray()).GetProperty("removed").GetBoolean());
        Assert.False(File.Exists(Path.Combine(Store, "one")));
        Assert.True(File.Exists(Path.Combine(Store, "two")));
        (await RunAsync("runs", "heal", id)).MustExitWith(0);
        Assert.True(File.Exists(Path.Combine(Store, "one")));
    }

    [Theory]
    [InlineData("Give a run's id, --name NAME", 2, "runs", "cost")]
    [InlineData("'gold' is no price sheet. There are: aws, ibm", 2, "runs", "cost", "--name", "x", "--prices", "gold")]
    [InlineData("--compute-charge: '-1' is not a charge", 2, "runs", "cost", "--name", "x", "--compute-charge", "-1")]
    [InlineData("No run is stored in", 1, "runs", "cost", "--name", "x")]
    [InlineData("No run is stored in", 1, "predict", "backtest", "x")]
    [InlineData("'5x' is not a size. Write it like", 2, "predict", "actions", "x", "--input-size", "5x")]
    public async Task What_cannot_be_told_is_refused_with_what_to_do(string message, int exitCode, params string[] arguments) =>
        Assert.Contains(message, (await RunAsync(arguments)).MustExitWith(exitCode).Errors, StringComparison.Ordinal);

    private static double Number(JsonElement element, string member) => element.GetProperty(member) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;
}
