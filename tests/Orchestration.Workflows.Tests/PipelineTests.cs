using Orchestration.Core.Pipelines;

namespace Orchestration.Workflows.Tests;

public class PipelineTests
{
    [Fact]
    public void Runs_the_transcoding_workflow()
    {
        var run = Fixtures.Start(Fixtures.Transcoding, """{"chunks": 2}""");

        Assert.Equal(["split"], run.NextSteps());
        Assert.Equal("""{"input":"clip.mp4","num_chunks":2}""", run.Parameters("split"));
        Assert.Empty(run.NextSteps());
        Assert.Equal(["transcode"], run.End("split", """{"splits": ["a", "b"]}""").NextSteps());
        Assert.Equal("transcoder", run.Added["transcode"].Actions[0].Name);
        Assert.Equal(["""{"input":"a","resolution":"360p"}""", """{"input":"b","resolution":"360p"}"""], run.Added["transcode"].Actions.Select(a => a.Parameters.Text()));
        Assert.Equal(2, run.Added["transcode"].Options.Parallelism);
        Assert.Equal(["combine"], run.End("transcode", "{}", "{}").NextSteps());
        Assert.Equal("""{"input":["a","b"]}""", run.Parameters("combine"));
        Assert.Equal("\"out.mp4\"", run.End("combine", """{"output_file": "out.mp4"}""").Output());
        Assert.Equal(["split", "split", "combine"], run.Asked);
    }

    [Fact]
    public void Steps_without_mutual_dependencies_are_added_at_the_same_time()
    {
        var run = Fixtures.Start(Fixtures.Diamond);

        Assert.Equal(["top"], run.NextSteps());
        Assert.Equal(["left", "right"], run.End("top", """{"n": 1}""").NextSteps());
        Assert.Empty(run.End("left", "{}").NextSteps());
        Assert.Equal(["bottom"], run.End("right", """{"n": 2}""").NextSteps());
        Assert.Equal("""{"n":2}""", run.Parameters("bottom"));
        Assert.Equal("null", run.End("bottom", "{}").Output());
        Assert.Equal(["top", "right"], run.Asked);
    }

    [Fact]
    public void A_step_waits_only_for_its_own_dependencies()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: a, action: x }, { id: b, action: x }, { id: c, action: x, needs: a }]");

        Assert.Equal(["a", "b"], run.NextSteps());
        Assert.Equal(["c"], run.End("a", "{}").NextSteps());
    }

    [Fact]
    public void The_result_of_a_foreach_is_the_list_of_its_results()
    {
        var run = Fixtures.Start("""
            name: w
            steps:
              - { id: each, action: a, foreach: [10, "${{ `20` }}", x], with: { at: "${{ index }}", is: "${{ item }}", text: "${{ index }}: ${{ item }}" } }
            output: { all: "${{ steps.each.result }}", names: "${{ steps.each.result[*].name }}", text: "${{ length(steps.each.result) }} results" }
            """);

        run.NextSteps();

        Assert.Equal(["""{"at":0,"is":10,"text":"0: 10"}""", """{"at":1,"is":20,"text":"1: 20"}""", """{"at":2,"is":"x","text":"2: x"}"""], run.Added["each"].Actions.Select(a => a.Parameters.Text()));
        Assert.Equal("""{"all":[{"name":"p"},5,null],"names":["p"],"text":"3 results"}""", run.End("each", """{"name":"p"}""", "5", "null").Output());
    }

    [Fact]
    public void An_empty_list_runs_nothing_and_gives_an_empty_list()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a, foreach: [] }]\noutput: ${{ steps.s.result }}");

        Assert.Equal(["s"], run.NextSteps());
        Assert.Empty(run.Added["s"].Actions);
        Assert.Equal("[]", run.Output());
    }

    [Fact]
    public void A_failed_item_lets_what_runs_end_and_starts_nothing_new()
    {
        var run = Fixtures.Start("""
            name: w
            steps:
              - { id: first, action: a, foreach: [1, 2, 3] }
              - { id: second, action: a }
              - { id: third, action: a, needs: second }
            """);
        run.NextSteps();

        run.FailSome("first", 1);
        Assert.Empty(run.NextSteps());
        Assert.Empty(run.End("second", "{}").NextSteps());
        var failure = run.End("first", "{}", "!NoSuchKey it is gone", "!Other no").Failure();

        Assert.Equal("first", failure.Step);
        Assert.Equal("NoSuchKey", failure.Failure.Code);
        Assert.Equal("step 'first' failed for 2 of 3 items; the first is item 1: it is gone", failure.Failure.Message);
        Assert.DoesNotContain("third", run.Added.Keys);
    }

    [Fact]
    public void The_first_failed_step_in_the_order_of_the_file_is_reported()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: a, action: x }, { id: b, action: x }]");
        run.NextSteps();

        Assert.Empty(run.End("b", "!E boom").NextSteps());
        var failure = run.End("a", "! just text").Failure();

        Assert.Equal(("a", "STEP_FAILED", "step 'a' failed: just text"), (failure.Step, failure.Failure.Code, failure.Failure.Message));
    }

    [Fact]
    public void An_expression_that_fails_lets_what_runs_end_first()
    {
        var run = Fixtures.Start("""
            name: w
            steps:
              - { id: a, action: x }
              - { id: b, action: x }
              - { id: c, action: x, foreach: "${{ steps.a.result.list }}" }
              - { id: d, action: x, needs: a }
            """);
        Assert.Equal(["a", "b"], run.NextSteps());

        Assert.Empty(run.End("a", "{}").NextSteps());
        var failure = run.End("b", "{}").Failure();

        Assert.Equal(("c", "EXPRESSION"), (failure.Step, failure.Failure.Code));
        Assert.Equal(["a", "b"], run.Added.Keys);
    }

    [Fact]
    public void An_output_that_fails_fails_the_run()
    {
        var run = Fixtures.Start("name: w\nsteps: [{ id: s, action: a }]\noutput: 'file ${{ steps.s.result.name }}'");
        run.NextSteps();

        var failure = run.End("s", "{}").Failure();

        Assert.Null(failure.Step);
        Assert.StartsWith("output: the expression ${{ steps.s.result.name }} gave null inside text", failure.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restart_goes_on_with_the_same_decisions()
    {
        var straight = Fixtures.Start(Fixtures.Transcoding, """{"resolution": "480p"}""");
        var restarted = new PipelineRun(straight.Definition);
        string[][] ends = [["split", """{"splits": [1.50, {"k": "é"}]}"""], ["transcode", "{}", "{}"], ["combine", """{"output_file": null}"""]];

        foreach (var end in ends)
        {
            straight.Next();
            restarted.Next();
            straight.End(end[0], end[1..]);
            restarted.End(end[0], end[1..]);
            restarted.Restart();
        }

        Assert.Equal("null", straight.Output());
        Assert.Equal("null", restarted.Output());
        foreach (var (step, batch) in straight.Added)
        {
            Assert.Equal(batch.Actions, restarted.Added[step].Actions);
            Assert.Equal(batch.Options, restarted.Added[step].Options);
        }
    }

    [Fact]
    public void The_same_view_gives_the_same_decision_again()
    {
        var run = Fixtures.Start(Fixtures.Diamond);
        var first = Assert.IsType<PipelineDecision.Run>(run.Pipeline.Next(PipelineView.Empty));
        var again = Assert.IsType<PipelineDecision.Run>(run.Pipeline.Next(PipelineView.Empty));

        Assert.Equal(Assert.Single(first.Batches).Actions, Assert.Single(again.Batches).Actions);
    }

    [Theory]
    [InlineData("workflow", "nam: w", "The stored workflow cannot be read by this version:\nstored workflow:1:1: unknown key 'nam'")]
    [InlineData("script", "", "The pipeline is of the kind 'script'; this factory reads 'workflow'.")]
    public void A_stored_pipeline_that_cannot_be_read_is_a_format_error(string kind, string source, string message)
    {
        var factory = new WorkflowPipelineFactory();

        var exception = Assert.Throws<FormatException>(() => factory.Create(new PipelineDefinition(kind, source, default, [])));

        Assert.Equal("workflow", factory.Kind);
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }
}
