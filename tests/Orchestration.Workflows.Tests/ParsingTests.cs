using Orchestration.Core.Actions;
using Orchestration.Core.Retries;

namespace Orchestration.Workflows.Tests;

public class ParsingTests
{
    [Fact]
    public void Reads_the_transcoding_workflow()
    {
        var file = Fixtures.Parse(Fixtures.Transcoding);

        Assert.Equal("video-transcoding", file.Name);
        Assert.Equal(Fixtures.Transcoding, file.Source);
        Assert.Null(file.Directory);
        Assert.Equal(["input=\"clip.mp4\"", "chunks=5", "resolution=\"360p\""], file.Parameters.Select(p => $"{p.Name}={p.Default}"));
        Assert.Equal([new ActionDeployment("splitter", "actions/splitter.py", null, null, TimeSpan.FromMinutes(5), null)], file.Actions);
        Assert.Equal(["split", "transcode", "combine"], file.Steps.Select(s => s.Id));
        Assert.Equal(["splitter", "transcoder", "combiner"], file.Steps.Select(s => s.Action));
        Assert.Equal([false, true, false], file.Steps.Select(s => s.IsForEach));
        Assert.Equal(["", "split", "split,transcode"], file.Steps.Select(s => string.Join(',', s.DependsOn)));
        Assert.All(file.Steps, s => Assert.Equal(new BatchOptions(2, RetryPolicy.Default, Writers.Single), s.Options));
    }

    [Fact]
    public void Reads_every_key_of_an_action()
    {
        var file = Fixtures.Parse("""
            name: w
            actions: { pkg/a: { file: a.zip, kind: "python:3", main: run, timeout: 1h30m, memory: 512 } }
            steps: [{ id: s, action: pkg/a }]
            """);

        Assert.Equal([new ActionDeployment("pkg/a", "a.zip", "python:3", "run", TimeSpan.FromMinutes(90), 512)], file.Actions);
    }

    [Fact]
    public void A_step_takes_from_the_defaults_what_it_leaves_out()
    {
        var file = Fixtures.Parse("""
            name: w
            defaults: { parallelism: 7, retry: { retries: 9, initial: 250ms, jitter: false } }
            steps:
              - { id: plain, action: a }
              - id: own
                action: a
                parallelism: 3
                writers: shared
                retry:
                  backoff: fixed
                  max: 1m
                  factor: 1.5
                  attemptTimeout: 90
                  timeout: 2d
                  on: [timeout, lost]
                  codes: [NoSuchKey, 404]
                  neverCodes: [Denied]
            """);

        var defaults = RetryPolicy.Default with { Retries = 9, Initial = TimeSpan.FromMilliseconds(250), Jitter = false };
        Assert.Equal(new BatchOptions(7, defaults, Writers.Single), file.Steps[0].Options);
        Assert.Equal(
            new BatchOptions(3, defaults with
            {
                Backoff = BackoffKind.Fixed,
                Max = TimeSpan.FromMinutes(1),
                Factor = 1.5,
                AttemptTimeout = TimeSpan.FromSeconds(90),
                OverallTimeout = TimeSpan.FromDays(2),
                RetryOn = [AttemptOutcome.Timeout, AttemptOutcome.Lost],
                RetryCodes = ["NoSuchKey", "404"],
                NeverRetryCodes = ["Denied"],
            }, Writers.Shared),
            file.Steps[1].Options);
    }

    [Fact]
    public void Without_defaults_there_is_no_parallelism_and_the_default_policy()
    {
        Assert.Equal(BatchOptions.Default, Fixtures.Parse("name: w\nsteps: [{ id: s, action: a }]").Steps[0].Options);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("\"5\"", "\"5\"")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("True", "true")]
    [InlineData("FALSE", "false")]
    [InlineData("2020-01-01", "\"2020-01-01\"")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("1e3", "1e3")]
    [InlineData("+12", "12")]
    [InlineData("-0.50", "-0.50")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("007", "7")]
    [InlineData("0x1F", "31")]
    [InlineData("0xFFFFFFFFFFFFFFFF", "18446744073709551615")]
    [InlineData("0o17", "15")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("!!str 5", "\"5\"")]
    [InlineData("! 5", "\"5\"")]
    [InlineData("[1, a, ~, {b: [true]}]", "[1,\"a\",null,{\"b\":[true]}]")]
    [InlineData("é", "\"é\"")]
    public void A_default_is_the_JSON_value_that_the_core_schema_makes_of_it(string yaml, string json)
    {
        var parameter = Assert.Single(Fixtures.Parse($"name: w\nparams:\n  p: {yaml}\nsteps: [{{ id: s, action: a }}]").Parameters);

        Assert.Equal(json, parameter.Default!.Value.Text());
    }

    [Theory]
    [InlineData("~")]
    [InlineData("null")]
    [InlineData("")]
    public void A_null_default_is_no_default(string yaml)
    {
        Assert.Null(Assert.Single(Fixtures.Parse($"name: w\nparams:\n  p: {yaml}\nsteps: [{{ id: s, action: a }}]").Parameters).Default);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1s", 1000)]
    [InlineData("1.5s", 1500)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    [InlineData("90", 90_000)]
    [InlineData("0.25", 250)]
    [InlineData("\"90\"", 90_000)]
    [InlineData("365d", 31_536_000_000)]
    public void Durations_are_read(string yaml, long milliseconds)
    {
        var file = Fixtures.Parse(Fixtures.OneStep($"retry: {{ attemptTimeout: {yaml} }}"));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), file.Steps[0].Options.Retry.AttemptTimeout);
    }

    [Fact]
    public void An_alias_stands_for_what_its_anchor_names()
    {
        var file = Fixtures.Parse("""
            name: w
            steps:
              - { id: a, action: x, retry: &often { retries: 10 }, with: &with { v: "${{ `1` }}" } }
              - { id: b, action: x, retry: *often, with: *with }
            """);

        Assert.All(file.Steps, s => Assert.Equal(10, s.Options.Retry.Retries));
    }

    [Fact]
    public void Load_reads_a_file_and_knows_its_folder()
    {
        using var folder = new TemporaryFolder();
        folder.Write("actions/splitter.py", "def main(args): return args");
        var path = folder.Write("workflow.yaml", Fixtures.Transcoding);

        var file = WorkflowFile.Load(path);

        Assert.Equal(folder.Path, file.Directory);
        Assert.Equal("actions/splitter.py", file.Actions[0].File);
    }
}
