namespace Orchestration.Workflows.Tests;

public class ExpressionValidationTests
{
    [Theory]
    [InlineData("with: { v: '${{ params.x }}' }", "6:28 the workflow declares no parameter 'x'. Declared: p, text, list, a-b.")]
    [InlineData("with: { v: '${{ params.txet }}' }", "6:28 the workflow declares no parameter 'txet'; did you mean 'text'? Declared: p, text, list, a-b.")]
    [InlineData("with: { v: '${{ length(params.lost) }}' }", "6:35 the workflow declares no parameter 'lost'; did you mean 'list'? Declared: p, text, list, a-b.")]
    [InlineData("with: { v: 'text ${{ params.p }} and ${{ steps.q.result }}' }", "6:52 there is no step 'q'. Steps: s.")]
    [InlineData("with: { v: '${{ param.p }}' }", "6:21 'param' is not known to expressions; they know params, steps. Text is written in single quotes: 'text'.")]
    [InlineData("with: { v: '${{ params.p == \"abc\" }}' }", "6:34 'abc' is not known to expressions; they know params, steps. Text is written in single quotes: 'text'.")]
    [InlineData("with: { v: '${{ params.p == true }}' }", "6:33 'true' is not known to expressions; they know params, steps. Write a literal in backquotes: `true`.")]
    [InlineData("with: { v: '${{ params.p == 5 }}' }", "6:33 the expression is no valid JMESPath near '5'; a number is written in backquotes: `5`.")]
    [InlineData("with: { v: '${{ params..p }}' }", "6:28 the expression is no valid JMESPath near '.'; see https://jmespath.org for the syntax.")]
    [InlineData("with: { v: '${{ params.p[ }}' }", "6:30 the expression ends too early; something is missing at its end.")]
    [InlineData("with: { v: '${{ size(params.p) }}' }", "6:21 the expression is wrong: no function named size has been registered.")]
    [InlineData("with: { v: '${{ length() }}' }", "6:21 the expression is wrong: the function length expects 1 argument but none were supplied.")]
    [InlineData("with: { v: '${{ params.list[::0] }}' }", "6:21 the expression is wrong: a slice projection step cannot be 0.")]
    [InlineData("with: { v: '${{ }}' }", "6:17 the expression is empty; name a value, such as params.name.")]
    [InlineData("with: { v: 'a ${{ params.p }' }", "6:19 the expression that begins here has no end: write ${{ … }}, and close quotes and braces inside it.")]
    [InlineData("with: { v: '${{ steps.my-id.result }}' }", "6:27 'my-id' is a subtraction in JMESPath and would give null; put the name in double quotes, as in params.\"my-id\", or spaces around the minus.")]
    [InlineData("with: { v: '${{ params.a-b }}' }", "6:28 'a-b' is a subtraction in JMESPath and would give null; put the name in double quotes, as in params.\"a-b\", or spaces around the minus.")]
    [InlineData("with: { v: '${{ params.a-1 }}' }", "6:28 'a-1' is a subtraction in JMESPath and would give null; put the name in double quotes, as in params.\"a-1\", or spaces around the minus.")]
    [InlineData("with: { v: '${{ item }}' }", "6:21 'item' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.")]
    [InlineData("foreach: [1]\nwith: { v: '${{ itm }}' }", "7:21 'itm' is not known to expressions; they know params, steps, item and index. Text is written in single quotes: 'text'.")]
    [InlineData("foreach: '${{ index }}'", "6:19 'index' means something only in with, reads and writes of a step with foreach; add a foreach to the step, or name another value.")]
    [InlineData("with: { v: '${{ steps }}' }", "6:21 the expression takes all steps, or everything, as one value, so nobody knows which steps it waits for; name them, as in steps.ID.result.")]
    [InlineData("with: { v: '${{ steps.*.result }}' }", "6:21 the expression takes all steps, or everything, as one value, so nobody knows which steps it waits for; name them, as in steps.ID.result.")]
    [InlineData("with: { v: '${{ @ }}' }", "6:21 the expression takes all steps, or everything, as one value, so nobody knows which steps it waits for; name them, as in steps.ID.result.")]
    [InlineData("with: { v: '${{ let $x = steps in $x }}' }", "6:21 the expression takes all steps, or everything, as one value, so nobody knows which steps it waits for; name them, as in steps.ID.result.")]
    [InlineData("with:\n  v: |\n    first line\n    then ${{ params.p }} ${{ params.zzz }}\n    last", "9:41 the workflow declares no parameter 'zzz'. Declared: p, text, list, a-b.")]
    [InlineData("with:\n  v: >-\n    ${{ params.p ||\n    params.zzz }}", "8:9 the workflow declares no parameter 'zzz'. Declared: p, text, list, a-b.")]
    [InlineData("with: { v: \"a\\tb ${{ params.zzz }}\" }", "6:33 the workflow declares no parameter 'zzz'. Declared: p, text, list, a-b.")]
    [InlineData("with: { v: \"${{ params.\\\"zzz\\\" }}\" }", "6:17 the workflow declares no parameter 'zzz'. Declared: p, text, list, a-b.")]
    public void An_expression_is_checked_where_it_stands(string lines, string problem) => Assert.Equal([problem], Fixtures.Problems(Fixtures.OneStep(lines)));

    [Fact]
    public void A_member_that_a_step_does_not_have_is_refused()
    {
        Assert.Equal(["3:21 a step has no member 'output'; it has result and status, as in steps.ID.result."], Fixtures.Problems("name: w\nsteps: [{ id: s, action: a }]\noutput: ${{ steps.s.output }}"));
    }

    [Fact]
    public void Item_means_nothing_in_the_output()
    {
        Assert.StartsWith("3:14 'item' means something only in", Assert.Single(Fixtures.Problems("name: w\nsteps: [{ id: s, action: a, foreach: [1] }]\noutput: \"${{ item }}\"")), StringComparison.Ordinal);
    }

    [Fact]
    public void Places_count_over_Windows_line_ends()
    {
        Assert.Equal(["4:30 the workflow declares no parameter 'zzz'. Declared: none."], Fixtures.Problems("name: w\r\nsteps:\r\n  - { id: s, action: a,\r\n      with: { v: '${{ params.zzz }}' } }\r\n"));
    }

    [Theory]
    [InlineData("steps.a.result", "a")]
    [InlineData("steps . a . result", "a")]
    [InlineData("steps.\"a\".result", "a")]
    [InlineData("$.steps.a.result[?x == $.steps.b.result].y", "a,b")]
    [InlineData("[steps.a.result, {k: steps.b.result}]", "a,b")]
    [InlineData("length(steps.a.result) && !steps.b.result", "a,b")]
    [InlineData("map(&steps, steps.a.result)", "a")]
    [InlineData("steps.a.result | steps", "a")]
    [InlineData("steps.{x: a.result, y: b.result}", "a,b")]
    [InlineData("steps.a.result[*].steps.b", "a")]
    [InlineData("let $x = steps.a.result, $y = steps.b.result in [$x, $y]", "a,b")]
    [InlineData("steps.a", "a")]
    [InlineData("params.steps.a", "")]
    [InlineData("@ | params.steps", "")]
    [InlineData("-steps.a.result + steps.b.result", "a,b")]
    [InlineData("'steps.a.result'", "")]
    public void Naming_a_step_is_a_dependency(string expression, string dependencies)
    {
        var file = Fixtures.Parse($"name: w\nparams: {{ steps: {{}} }}\nsteps:\n  - {{ id: a, action: x }}\n  - {{ id: b, action: x }}\n  - id: c\n    action: x\n    with:\n      v: |\n        ${{{{ {expression} }}}}");

        Assert.Equal(dependencies, string.Join(',', file.Steps[2].DependsOn));
    }
}
