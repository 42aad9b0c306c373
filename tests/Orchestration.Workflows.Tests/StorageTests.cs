using Orchestration.Core.Actions;
using Orchestration.Core.Objects;
using Orchestration.Core.Pipelines;

namespace Orchestration.Workflows.Tests;

/// <summary>Items that come from the object store, and results that go there.</summary>
public class StorageTests
{
    [Theory]
    [InlineData("lines: in/names.txt", ItemKind.Lines, "in", "names.txt", false)]
    [InlineData("lines: in/a/names.JSONL", ItemKind.Lines, "in", "a/names.JSONL", true)]
    [InlineData("lines: in/names.ndjson", ItemKind.Lines, "in", "names.ndjson", true)]
    [InlineData("lines: in/names.jsonl, format: text", ItemKind.Lines, "in", "names.jsonl", false)]
    [InlineData("lines: in/names.txt, format: json", ItemKind.Lines, "in", "names.txt", true)]
    [InlineData("lines: \"${{ params.bucket }}/x\"", ItemKind.Lines, "photos", "x", false)]
    [InlineData("objects: in/2026/", ItemKind.Objects, "in", "2026/", false)]
    [InlineData("objects: in", ItemKind.Objects, "in", "", false)]
    [InlineData("objects: \"${{ params.bucket }}/\"", ItemKind.Objects, "photos", "", false)]
    public void Items_are_asked_for_once_and_then_the_step_runs(string foreachOf, ItemKind kind, string bucket, string key, bool isJson)
    {
        var run = Fixtures.Start($$$"""
            name: w
            params: { bucket: photos }
            steps:
              - { id: s, action: a, foreach: { {{{foreachOf}}} }, with: { i: "${{ item }}", n: "${{ index }}" } }
            """);

        Assert.Empty(run.NextSteps());
        Assert.Equal([new ItemsRequest("s", kind, bucket, key, isJson)], run.Expansions);
        Assert.Equal(["s"], run.Give("s", "\"x\"", """{"y":1}""").NextSteps());
        Assert.Equal(["""{"i":"x","n":0}""", """{"i":{"y":1},"n":1}"""], run.Added["s"].Actions.Select(a => a.Parameters.Text()));
        Assert.Equal((kind, $"{bucket}/{key}"), (run.Added["s"].Source!.Kind, run.Added["s"].Source!.Place));
        Assert.Empty(run.NextSteps());
        Assert.Empty(run.Expansions);
    }

    [Fact]
    public void No_items_give_an_empty_list()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, foreach: { objects: b } }]\noutput: ${{ steps.s.result }}");

        run.NextSteps();
        run.Give("s").NextSteps();
        Assert.Equal("[]", run.Output());
    }

    [Fact]
    public void Items_that_cannot_be_read_fail_the_run_when_all_else_has_ended()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, foreach: { lines: b/k } }, { id: t, action: a }, { id: u, action: a, needs: t }]");

        Assert.Equal(["t"], run.NextSteps());
        Assert.Empty(run.GiveNone("s", "there is no object 'b/k'.").NextSteps());
        var fail = run.End("t", "{}").Failure();
        Assert.Equal(("NO_OBJECT", "s", "step 's': there is no object 'b/k'."), (fail.Failure.Code, fail.Step, fail.Failure.Message));
    }

    [Fact]
    public void A_place_that_is_none_is_named()
    {
        var run = Fixtures.Start("name: w\nparams: { p: abc }\nsteps: [{ id: s, action: a, foreach: { lines: \"${{ params.p }}\" } }]");

        Assert.Equal("step 's': foreach.lines gave the text 'abc'; it takes bucket/key, such as input-video/clip.mp4.", run.Failure().Failure.Message);
    }

    [Fact]
    public void Results_are_collected_and_the_next_step_gets_the_key()
    {
        var run = Fixtures.Start("""
            name: w
            params: { out: results }
            steps:
              - { id: many, action: a, foreach: [1, 2], collect: "${{ params.out }}/many.jsonl" }
              - { id: sum, action: b, with: { of: "${{ steps.many.result }}" } }
              - { id: again, action: c, foreach: { lines: "${{ steps.many.result }}" } }
            output: ${{ steps.many.result }}
            """);

        run.NextSteps();
        Assert.Empty(run.End("many", "10", "20").NextSteps());
        Assert.Equal([new CollectRequest("many", ObjectKey.Parse("results/many.jsonl"))], run.Collections);
        Assert.Equal(["sum"], run.Collected("many").NextSteps());
        Assert.Equal("""{"of":"results/many.jsonl"}""", run.Parameters("sum"));
        Assert.Equal([new ItemsRequest("again", ItemKind.Lines, "results", "many.jsonl", true)], run.Expansions);
        run.Give("again", "10").NextSteps();
        Assert.Equal("\"results/many.jsonl\"", run.End("sum", "{}").End("again", "{}").Output());
        Assert.Empty(run.Asked);
    }

    [Fact]
    public void The_run_ends_only_when_everything_is_collected()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, collect: b/k }]");

        run.NextSteps();
        Assert.Empty(run.End("s", "1").NextSteps());
        Assert.Empty(run.NextSteps());
        Assert.Equal("null", run.Collected("s").Output());
    }

    [Fact]
    public void What_has_failed_is_collected_only_when_the_run_goes_on()
    {
        var stops = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, foreach: [1, 2], collect: b/k }]");
        stops.NextSteps();
        Assert.Equal("s", stops.End("s", "1", "!E broken").Failure().Step);

        var goesOn = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, foreach: [1, 2], collect: b/k, onFailure: continue }]\noutput: ${{ steps.s.status }} ${{ steps.s.result }}");
        goesOn.NextSteps();
        goesOn.End("s", "1", "!E broken").NextSteps();
        Assert.Equal("\"failed b/k\"", goesOn.Collected("s").Output());
    }

    [Fact]
    public void Results_that_cannot_be_written_fail_the_run()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, collect: b/k }]");

        run.NextSteps();
        run.End("s", "1").NextSteps();
        Assert.Equal(("AccessDenied", "s"), run.NotCollected("s", "no").Failure() is var fail ? (fail.Failure.Code, fail.Step) : default);
    }

    [Fact]
    public void Secrets_stay_references_with_their_places()
    {
        var run = Fixtures.Start("""
            name: w
            params: { user: "${ {" }
            secrets: [KEY, OTHER]
            steps:
              - id: s
                action: a
                foreach: ["é", "b"]
                with: { "x/y": ["${{ item }}", { auth: "${{ item }}: ${{ secrets.KEY }}/${{ secrets.OTHER }}" }], plain: "${{ secrets.KEY }}", n: 1 }
            """);

        run.NextSteps();
        var action = run.Added["s"].Actions[0];
        Assert.Equal("""{"x/y":["é",{"auth":"é: ${{ secrets.KEY }}/${{ secrets.OTHER }}"}],"plain":"${{ secrets.KEY }}","n":1}""", action.Parameters.Text());
        Assert.Equal([new("/x~1y/1/auth", 3, "KEY"), new("/x~1y/1/auth", 4 + "${{ secrets.KEY }}".Length, "OTHER"), new SecretReference("/plain", 0, "KEY")], action.Secrets);
        Assert.Equal("""{"x/y":["é",{"auth":"é: <KEY>/<OTHER>"}],"plain":"<KEY>","n":1}""", SecretText.Resolve(action.Parameters, action.Secrets, name => $"<{name}>", out _).Text());
        Assert.Equal(["KEY", "OTHER"], run.Pipeline.Secrets);
        Assert.Equal(["KEY", "OTHER"], Fixtures.Parse(run.Definition.Source).Secrets);
    }

    [Fact]
    public void Text_that_only_looks_like_a_secret_is_text()
    {
        var run = Fixtures.Start("name: w\nparams: { p: x }\nsecrets: [KEY]\nsteps: [{ id: s, action: a, with: { t: \"${{ params.p }} ${{ secrets.KEY }}\" } }]", """{"p":"${{ secrets.KEY }}"}""");

        run.NextSteps();
        var action = Assert.Single(run.Added["s"].Actions);
        Assert.Equal("${{ secrets.KEY }} ".Length, Assert.Single(action.Secrets).Offset);
        Assert.Equal("""{"t":"${{ secrets.KEY }} value"}""", SecretText.Resolve(action.Parameters, action.Secrets, _ => "value", out _).Text());
    }
}
