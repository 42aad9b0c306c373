using Orchestration.Core.Pipelines;

namespace Orchestration.Workflows.Tests;

/// <summary>Steps that are passed over, failures that are stepped over, and steps that decide by themselves.</summary>
public class ConditionTests
{
    private static PipelineRun Start(string steps, string parameters = "{}") =>
        Fixtures.Start($"name: w\nparams: {{ check: \"yes\", list: [1, 2, 3] }}\nsteps:\n  - {steps.ReplaceLineEndings("\n  - ")}", parameters);

    [Fact]
    public void A_false_condition_skips_the_step_and_those_that_wait_for_it()
    {
        var run = Start("""
            { id: a, action: x, when: "${{ params.check == 'no' }}" }
            { id: b, action: x, needs: a }
            { id: c, action: x, with: { n: "${{ steps.b.result }}" } }
            { id: d, action: x }
            """);

        Assert.Equal(["d"], run.NextSteps());
        Assert.Empty(run.NextSteps());
        Assert.Equal(["a: its condition is false", "b: the step 'a' was skipped", "c: the step 'b' was skipped"], run.Skipped.Select(s => $"{s.Key}: {s.Value}"));
        Assert.Equal("null", run.End("d", "{}").Output());
    }

    [Theory]
    [InlineData("${{ params.check == 'yes' }}", true)]
    [InlineData("${{ params.check != 'yes' }}", false)]
    [InlineData("${{ length(params.list) > `2` }}", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("always", true)]
    public void A_condition_is_true_or_false(string when, bool runs)
    {
        var run = Start($$"""{ id: a, action: x, when: "{{when}}" }""".Replace("\"true\"", "true", StringComparison.Ordinal).Replace("\"false\"", "false", StringComparison.Ordinal));

        Assert.Equal(runs, run.Next() is PipelineDecision.Run { Batches.Length: 1 });
        Assert.Equal(!runs, run.Skipped.ContainsKey("a"));
    }

    [Fact]
    public void A_condition_that_gives_anything_else_fails_the_run_and_names_the_expression()
    {
        var fail = Start("""{ id: a, action: x, when: "${{ params.list }}" }""").Failure();

        Assert.Equal(("EXPRESSION", "a"), (fail.Failure.Code, fail.Step));
        Assert.Equal("step 'a': when: the expression ${{ params.list }} gave a list; when takes true or false. Compare the value, as in ${{ … != null }} with null in backquotes.", fail.Failure.Message);
    }

    [Fact]
    public void A_condition_waits_for_the_steps_that_it_names_and_asks_only_for_their_results()
    {
        var run = Start("""
            { id: a, action: x }
            { id: b, action: x, when: "${{ steps.a.result.go }}", with: { all: "${{ steps.c.result }}" } }
            { id: c, action: x }
            """);

        Assert.Equal(["a", "c"], run.NextSteps());
        Assert.Empty(run.End("a", """{"go": false}""").NextSteps());
        Assert.Equal("null", run.End("c", "{}").Output());
        Assert.Equal(["a"], run.Asked);
        Assert.Contains("b", run.Skipped.Keys);
    }

    [Fact]
    public void A_skipped_step_has_no_result_and_its_status_can_be_looked_at()
    {
        var run = Start("""
            { id: a, action: x, when: false }
            { id: b, action: x, when: "${{ steps.a.status == 'skipped' }}", with: { r: "${{ steps.a.result || 'none' }}", s: "${{ steps.a.status }}" } }
            """);

        Assert.Equal(["b"], run.NextSteps());
        Assert.Equal("""{"r":"none","s":"skipped"}""", run.Parameters("b"));
    }

    [Fact]
    public void A_step_that_may_fail_is_stepped_over()
    {
        var run = Start("""
            { id: a, action: x, onFailure: continue }
            { id: b, action: x, with: { r: "${{ steps.a.result }}", s: "${{ steps.a.status }}" } }
            """);

        run.NextSteps();
        Assert.Equal(["b"], run.End("a", "!E broken").NextSteps());
        Assert.Equal("""{"r":null,"s":"failed"}""", run.Parameters("b"));
        Assert.Equal("null", run.End("b", "{}").Output());
    }

    [Fact]
    public void A_foreach_that_may_fail_gives_null_for_what_failed()
    {
        var run = Start("""
            { id: a, action: x, foreach: "${{ params.list }}", onFailure: continue }
            { id: b, action: x, with: { r: "${{ steps.a.result }}" } }
            """);

        run.NextSteps();
        run.End("a", "1", "!E broken", "3").NextSteps();
        Assert.Equal("""{"r":[1,null,3]}""", run.Parameters("b"));
    }

    [Fact]
    public void Steps_that_look_at_a_status_run_although_the_run_fails_and_see_what_failed()
    {
        var run = Start("""
            { id: a, action: x }
            { id: b, action: x, needs: a }
            { id: tell, action: x, when: "${{ steps.a.status == 'failed' || steps.b.status == 'failed' }}", with: { a: "${{ steps.a.status }}", b: "${{ steps.b.status }}" } }
            { id: after, action: x, needs: tell }
            """);

        run.NextSteps();
        Assert.Equal(["tell"], run.End("a", "!E broken").NextSteps());
        Assert.Equal("""{"a":"failed","b":"skipped"}""", run.Parameters("tell"));
        Assert.Empty(run.NextSteps());
        var fail = run.End("tell", "{}").Failure();
        Assert.Equal(("E", "a"), (fail.Failure.Code, fail.Step));
        Assert.DoesNotContain("after", run.Added.Keys);
    }

    [Fact]
    public void A_step_that_runs_always_runs_after_success_failure_and_skipping()
    {
        const string steps = """
            { id: a, action: x, when: "${{ params.check == 'yes' }}" }
            { id: clean, action: x, needs: a, when: always }
            """;
        var skipped = Start(steps, """{"check":"no"}""");
        Assert.Equal(["clean"], skipped.NextSteps());

        var succeeded = Start(steps);
        succeeded.NextSteps();
        Assert.Equal(["clean"], succeeded.End("a", "{}").NextSteps());

        var failed = Start(steps);
        failed.NextSteps();
        Assert.Equal(["clean"], failed.End("a", "!E broken").NextSteps());
        Assert.Equal("a", failed.End("clean", "{}").Failure().Step);
    }

    [Fact]
    public void A_step_that_cleans_up_and_fails_does_not_hide_what_failed_first()
    {
        var run = Start("""
            { id: clean, action: x, needs: a, when: always, with: { n: "${{ length(steps.a.result) }}" } }
            { id: a, action: x }
            """);

        run.NextSteps();
        var fail = run.End("a", "!E broken").Failure();
        Assert.Equal(("E", "a"), (fail.Failure.Code, fail.Step));
    }

    [Fact]
    public void The_failure_of_a_step_that_fails_fast_names_what_failed_not_what_was_not_run()
    {
        var run = Start("""{ id: a, action: x, foreach: "${{ params.list }}", failFast: true }""");

        run.NextSteps();
        Assert.True(run.Added["a"].Options.FailFast);
        Assert.Equal("step 'a' failed for 1 of 3 items (1 more were not run); the first is item 1: broken", run.End("a", "!FAIL_FAST not run", "!E broken", "3").Failure().Failure.Message);
    }

    [Fact]
    public void A_step_has_its_timeout()
    {
        var run = Start("{ id: a, action: x, timeout: 1m30s, retry: { attemptTimeout: 10s } }");

        run.NextSteps();
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(10)), (run.Added["a"].Options.Timeout!.Value, run.Added["a"].Options.Retry.AttemptTimeout!.Value));
    }

    [Fact]
    public void A_decision_is_the_same_after_a_restart()
    {
        var run = Start("""
            { id: a, action: x, when: false }
            { id: b, action: x, needs: a }
            { id: c, action: x, when: always, needs: b }
            """);

        Assert.Equal(["c"], run.NextSteps());
        run.Restart();
        Assert.Empty(run.NextSteps());
        Assert.Equal("null", run.End("c", "{}").Output());
    }
}
